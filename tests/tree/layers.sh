#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# An include points only downwards, and only core and base are pure.
cd "${srcdir:-.}" || exit 1
bad=0

wrong()
{
	echo "$1"
	bad=1
}

# What the files of a folder may include, as folders.
allowed()
{
	case $1 in
	base) echo "base" ;;
	core) echo "base core" ;;
	io) echo "base core io" ;;
	reflashd) echo "base core io reflashd" ;;
	catalog) echo "core" ;;
	reflashctl | scan) echo "base core $1" ;;
	sim) echo "base sim" ;;
	*) wrong "src/$1: a folder that has no place in the layers" ;;
	esac
}

# The module of a file of io/: server for server.c and for server_reply.c.
module()
{
	local stem=${1##*/}
	stem=${stem%.*}
	echo "${stem%%_*}"
}

while read -r file; do
	layer=${file#src/}
	layer=${layer%%/*}
	may=" $(allowed "$layer") "
	while read -r header; do
		to=${header%%/*}
		case $header in
		config.h) continue ;;
		*/*) ;;
		*) wrong "$file: $header is included without its folder" ;;
		esac
		case $may in
		*" $to "*) ;;
		*) wrong "$file: $layer must not include $header" ;;
		esac
		# The timer is what the event loop has for all of them.
		if [ "$layer" = io ] && [ "$to" = io ] &&
		    [ "$header" != io/timer.h ] &&
		    [ "$(module "$file")" != "$(module "$header")" ]; then
			wrong "$file: io files do not include each other: $header"
		fi
	done < <(sed -n 's/^#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file")
done < <(find src -name '*.[ch]')

# The objects of the daemon do not know the daemon that wires them together.
while read -r hit; do
	wrong "$hit: struct daemon is known to src/reflashd/daemon.c alone"
done < <(grep -rnE '\bstruct daemon\b' --include='*.[ch]' src |
	grep -v '^src/reflashd/daemon\.c:')

# The pure layer has no socket, no clock and no disk.
while read -r hit; do
	wrong "$hit: not in core"
done < <(grep -rnE '^#include <(sys/socket|sys/stat|fcntl|event2/|avahi)' src/core
	grep -rnE '\b(time\((NULL|&)|(clock_gettime|gettimeofday|socket|open|openat|fopen)\()' \
		--include='*.c' src/core | grep -vE '^[^:]*:[0-9]*:\s*(/?\*|//)')
exit $bad
