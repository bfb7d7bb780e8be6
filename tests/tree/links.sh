#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The daemon, and what else may touch a flash, are linked with few libraries, and
# with none that speaks to the Internet.
command -v readelf >/dev/null || { echo "needs readelf"; exit 77; }
bad=0

# only PROGRAM LIBRARY...: it needs no others, by the start of their names.
only()
{
	local program=$1 name library
	shift
	[ -e "./$program" ] || { echo "$program is not built"; bad=1; return; }
	while read -r name; do
		for library in "$@" libc. libm. ld-linux libgcc_s libasan libubsan libgcov; do
			case $name in
			"$library"*) continue 2 ;;
			esac
		done
		echo "$program: is linked with $name"
		bad=1
	done < <(readelf -d "./$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p')
}

only reflashd libevent libjansson libcrypto libz. libsystemd libseccomp
only reflashctl libevent libjansson libcrypto libz. libsystemd libseccomp
only reflash-scan libjansson libcrypto libz. libsystemd libseccomp libavahi libdbus
only reflash-sim libevent libjansson libcrypto libz. libsystemd libseccomp
exit $bad
