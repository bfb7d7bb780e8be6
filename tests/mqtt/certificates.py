# SPDX-License-Identifier: ISC
"""Certificates for brokers and clients, good and bad ones, by openssl(1)."""
import os
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

EXPIRED = ("20200101000000Z", "20200102000000Z")
CONFIGURATION = """\
[ca]
default_ca = authority
[authority]
database = %s
new_certs_dir = %s
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
"""


def openssl(*words):
    subprocess.run(["openssl", *words], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    def __init__(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.path = os.path.join(folder, name + "-ca.pem")
        self.key = os.path.join(folder, name + "-ca.key")
        openssl("req", "-x509", *KEY, "-keyout", self.key, "-out", self.path,
                "-days", "30", "-subj", "/CN=" + name)

    def sign(self, name, names, dates=("20200101000000Z", "20991231000000Z")):
        """(certificate, key) for the names, good between the two dates.

        Only openssl-ca(1) takes any dates in every version.
        """
        base = os.path.join(self.folder, name)
        openssl("req", *KEY, "-keyout", base + ".key", "-out", base + ".csr",
                "-subj", "/CN=" + name)
        with open(base + ".ext", "w") as f:
            f.write("subjectAltName=%s\n" % ",".join(names))
        with open(base + ".index", "w"):
            pass
        with open(base + ".conf", "w") as f:
            f.write(CONFIGURATION % (base + ".index", self.folder))
        openssl("ca", "-batch", "-notext", "-config", base + ".conf",
                "-cert", self.path, "-keyfile", self.key,
                "-startdate", dates[0], "-enddate", dates[1],
                "-extfile", base + ".ext", "-in", base + ".csr",
                "-out", base + ".pem")
        return base + ".pem", base + ".key"
