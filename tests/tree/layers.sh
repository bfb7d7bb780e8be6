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
	beside) echo "base core io beside" ;;
	mqtt) echo "base core io beside mqtt" ;;
	web) echo "base core io beside web" ;;
	reflashctl) echo "base core beside reflashctl" ;;
	scan) echo "base core scan" ;;
	sim) echo "base sim" ;;
	download) echo "base download" ;;
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
	wrong "$hit: struct daemon is known to the two files of daemon_parts.h alone"
done < <(grep -rnE '\bstruct daemon\b|"reflashd/daemon_parts\.h"' \
		--include='*.[ch]' src |
	grep -vE '^src/reflashd/daemon(_make\.c|_parts\.h|\.c):')

# The inside of an object is known to its own files alone: its struct is
# defined in one of them, or in the header *_parts.h that only they include.
while read -r object; do
	while read -r hit; do
		wrong "$hit: what is inside of a $object is its own"
	done < <(grep -rnE "^struct $object \\{" --include='*.h' src |
		grep -v "/${object}_parts\.h:")
	sed -n '/^## The objects/,/^## Three routes/p' doc/architecture.md |
		grep -q "\`$object\`" ||
		wrong "doc/architecture.md: nothing about the object $object"
done < <(grep -rhoE '^(struct [a-z_]+ \*)?[a-z_]+_new\(' --include='*.h' \
	src/reflashd | sed 's/.*[* ]//; s/_new(//' | sort -u)
while IFS=: read -r file header; do
	stem=${header##*/}
	stem=${stem%_parts.h}
	case ${file##*/} in
	"$stem.c" | "$stem"_*.[ch]) ;;
	*) wrong "$file: $header is for the files of $stem alone" ;;
	esac
done < <(grep -roE '"[a-z_/]*_parts\.h"' --include='*.[ch]' src | tr -d '"')

# The pure layer has no socket, no clock and no disk.
while read -r hit; do
	wrong "$hit: not in core"
done < <(grep -rnE '^#include <(sys/socket|sys/stat|fcntl|event2/|avahi)' src/core
	grep -rnE '\b(time\((NULL|&)|(clock_gettime|gettimeofday|socket|open|openat|fopen)\()' \
		--include='*.c' src/core | grep -vE '^[^:]*:[0-9]*:\s*(/?\*|//)')
exit $bad
