#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The manual pages name every key, state, reason, verb and fault that
# the programs' tables have, and mandoc has nothing to say about them.
shopt -s lastpipe # in_page sets bad at the end of a pipe
if ! command -v mandoc >/dev/null; then
	echo "needs mandoc"
	exit 77
fi
build=$PWD
cd "${srcdir:-.}" || exit 1
bad=0

# in_page PAGE WHAT [FORM]: each word on standard input has an item of its own,
# or is there in that form.
in_page()
{
	local word count=0

	while read -r word; do
		count=$((count + 1))
		grep -qE "${3:-^\.It Cm }${word//./\\.}( |\$)" "man/$1" ||
			{ echo "man/$1: says nothing of $2 $word"; bad=1; }
	done
	[ $count -gt 0 ] || { echo "no $2 found to look for"; bad=1; }
}

keys()
{
	sed -n 's/^\tX("[A-Za-z]*", "\([A-Za-z0-9]*\)",.*/\1/p' "$1"
}

# The names in quotes, second in the rows of an X-macro table.
names()
{
	sed -n 's/^X([A-Z0-9_]*, *"\([a-z0-9-]*\)",.*/\1/p' "$1"
}

# first_names TABLE FILE: the first in the rows of this X-macro table.
first_names()
{
	sed -n "/define $1(X)/,/^\$/s/^X(\([a-z]*\), .*/\1/p" "$2"
}

keys src/core/config/configuration.c | in_page reflashd.conf.5 "the key"
keys src/core/policy/policy.c | in_page reflashd-policy.5 "the key"
names src/core/state/state.h | in_page reflashd.8 "the state"
names src/core/state/reason.h | in_page reflashd.8 "the reason"
first_names VERBS src/reflashctl/verb.h | in_page reflashctl.1 "the verb"
first_names OPTIONS src/reflashctl/verb.h |
	in_page reflashctl.1 "the option" "Fl -"
"$build/reflash-sim" --list-faults | sed 's/ .*//' |
	in_page reflash-sim.1 "the fault"

# Each id of the journal and its name, as the catalog and the manual have them.
ids()
{
	awk '/^-- / { id = $2 } /^Subject: / { print id, $NF }' \
		"$build/systemd/reflashd.catalog"
	sed -n 's/^#define MESSAGE_\([A-Z]*\)[\t ]*"\(.*\)"/\2 \L\1/p' \
		src/core/state/message.h
}
diff <(ids | sort) <(sed -n 's/^\.It \([0-9a-f]\{32\}\) Ta Cm /\1 /p' \
	man/reflashd.8 | sort) || { echo "^ ids of the journal"; bad=1; }

mandoc -T lint -W style man/*.[1-9] |
	grep -vE 'referenced manual not found' && bad=1
exit $bad
