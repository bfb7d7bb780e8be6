# SPDX-License-Identifier: ISC
# Asks nginx, on the Unix socket given, for each range of the table; run by
# server_nginx.sh.
import socket
import sys

import file_server


def ask(path, header):
    with socket.socket(socket.AF_UNIX) as conn:
        conn.settimeout(file_server.TIMEOUT)
        conn.connect(path)
        conn.sendall(f"GET /thousand.bin HTTP/1.1\r\nHost: x\r\n"
                     f"Connection: close\r\nRange: {header}\r\n\r\n".encode())
        return file_server.parts_of(file_server.Reply(file_server.read_all(conn)))


def main():
    bad = 0
    for header, ours, theirs, why in file_server.table():
        got = ask(sys.argv[1], header)
        if got != theirs:
            bad = 1
            print(f"FAIL {header!r}: nginx says {got}, the table {theirs}")
        if ours != theirs:
            print(f"differs {header!r}: {ours}, nginx {theirs}: {why}")
    sys.exit(bad)


main()
