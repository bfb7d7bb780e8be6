#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# spin searches the model of the jobs, in tests/model/job.pml, as a whole: no
# claim breaks, and nothing goes on for ever.  Then each rule that a claim needs
# is taken out of the model, and that claim must break.
CC=${CC:-gcc}
for tool in spin "${CC%% *}"; do
	command -v "$tool" >/dev/null || { echo "needs $tool"; exit 77; }
done
model=$(cd "${srcdir:-.}" && pwd)/tests/model/job.pml
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
bad=0

# search COMPILER-OPTIONS PAN-OPTIONS MODEL-OPTION...: the report is in the file
# said.  Memory and depth have limits; a search that meets one says so.
search()
{
	local compiler=$1 pan=$2
	shift 2
	# shellcheck disable=SC2086 # a list of options
	spin "$@" -a "$model" >said 2>&1 &&
		$CC -w -DCOLLAPSE -DMEMLIM=900 $compiler -o pan pan.c \
			>>said 2>&1 &&
		./pan -m10000 $pan >said 2>&1
}

figures()
{
	awk '/depth reached/ { depth = $6 }
		/states, stored/ { states = $1 }
		/total actual memory/ { memory = $1 }
		/elapsed time/ { seconds = $4 }
		END { printf "%d states, depth %d, %d MB, %s s\n",
			states, depth, memory, seconds }' said
}

# holds WHAT COMPILER-OPTIONS PAN-OPTIONS MODEL-OPTION...
holds()
{
	local what=$1
	shift
	if search "$@" && grep -q ', errors: 0$' said &&
	    ! grep -qE '^(error|Warning): |not completed|memory limit' said; then
		echo "$what: $(figures)"
	else
		echo "$what: a claim breaks, or not all was searched:"
		cat said
		bad=1
	fi
}

# needs CLAIM RULE MODEL-OPTION...: the claim is the beginning of an assertion.
needs()
{
	local claim=$1 rule=$2
	shift 2
	# shellcheck disable=SC2086 # a list of options
	search -DSAFETY -w20 "-DWITHOUT_$rule" $few "$@"
	if grep '^pan:1: assertion violated' said |
	    grep -qE "violated +[!(]*${claim}"; then
		echo "without $rule the claim breaks, as it must"
	else
		echo "without $rule this claim must break: $claim"
		cat said
		bad=1
	fi
}

# The second device adds the slot, and a death or a reload that meets both.
two='-DDEVICES=2 -DPLAIN -DATTEMPTS=1 -DBAD_COPIES=0 -DRELOADS=1 -DRETRIES=0'
holds "one device, all that can happen" '-O2 -DSAFETY' -w24 -DDEVICES=1
# shellcheck disable=SC2086 # a list of options
holds "two devices that share a slot" '-O2 -DSAFETY' -w24 $two
holds "no circles" '-O1 -DNP' '-w22 -l' -DDEVICES=1 -DPLAIN -DBAD_COPIES=0

few='-DDEVICES=1 -DDEATHS=1 -DRELOADS=1 -DCANCELS=1 -DRETRIES=0'
needs 'order\[d\]' PATIENCE
needs 'device\[d\]' RECORD_FIRST
needs 'device\[d\]' RESUME -DBAD_COPIES=0
needs 'device\[0\]' DOUBT -DBAD_COPIES=1
needs 'order\[d\]' TRIES -DBAD_COPIES=1 -URETRIES -DRETRIES=1
needs 'promised\[d\]' SAVED_CANCEL
needs 'policy==now\[d\].image' LAST_LOOK
exit $bad
