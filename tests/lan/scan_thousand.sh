#!/bin/sh
# SPDX-License-Identifier: ISC
# A thousand devices answer as one, and each of them is found at once: what
# their packets say is enough, and is not asked for again.
sim_options='--devices 1000'
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
"$scan_program" --version | grep -q embedded || skip "built without it"

devices()
{
	grep '"address":"10' "$dir/lines" | grep -v address_hint |
		grep -o '"instance":"[^"]*"' | sort -u | wc -l
}

scan --backend embedded --requery 60
wait_for '[ "$(devices)" = 1000 ]' 300
scan_end
