#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The tree stands alone and is finished: no marks of work left over, no page
# that is not in it, no test that waits for time instead of for what it needs,
# no fuzz target without a corpus and a dictionary.
cd "${srcdir:-.}" || exit 1
bad=0

files()
{
	find "$@" -type f -not -name Makefile.in -not -path '*/corpus/*' \
		-not -name '*~'
}

# none WHAT PATTERN FILE...
none()
{
	local what=$1 pattern=$2
	shift 2
	if grep -nIE "$pattern" -- "$@"; then
		echo "^ $what"
		bad=1
	fi
}

mapfile -t all < <(files src tests doc man etc systemd .ci m4 2>/dev/null
	ls Makefile.am configure.ac run check ./*.md LICENSE 2>/dev/null)
mapfile -t scripts < <(files tests .ci -name '*.sh'
	ls run check 2>/dev/null)

none "a mark of work left over" '\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b' "${all[@]}"
none "a page outside the tree" '[.][.]/[s]hared' "${all[@]}"
none "a page outside the tree" \
	'\b([p]roduct|[d]evice-protocol|[l]ibrary-traps|[f]irmware-and-after|[s]tyle|[m]odels|[P]LAN|[D]EVELOPERS)[.]md' \
	"${all[@]}"
none "waits for time; to look again after a moment is fine" '^[^#]*\b[s]leep [1-9]' "${scripts[@]}"
for target in tests/fuzz/fuzz_*.c; do
	name=${target##*/fuzz_}
	name=${name%.c}
	if [ ! -d "tests/fuzz/corpus/$name" ]; then
		echo "$target: without tests/fuzz/corpus/$name"
		bad=1
	fi
	if ! grep -q '^"' "tests/fuzz/dict/$name.dict"; then
		echo "$target: without words in tests/fuzz/dict/$name.dict"
		bad=1
	fi
done
exit $bad
