#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The manual pages name every key, state, reason, verb and fault that
# the programs' tables have, and mandoc has nothing to say about them.  What
# reflashd(8) says of reasons and ids is word by word that of the tables; make
# manual, which is this with -i, puts it there.
shopt -s lastpipe # in_page sets bad at the end of a pipe
if ! command -v mandoc >/dev/null; then
	echo "needs mandoc"
	exit 77
fi
build=$PWD
cd "${srcdir:-.}" || exit 1
bad=0

# with_part PART: reflashd(8), with what mkcatalog says between the two marks
with_part()
{
	awk -v part="$1" -v command="'$build/mkcatalog' $1" '
		$0 == ".\\\" end of " part { skip = 0 }
		!skip
		/^\.\\" from the tables/ && $NF == part {
			while ((command | getline line) > 0)
				print line
			skip = 1
		}' man/reflashd.8
}

if [ "${1:-}" = -i ]; then
	for part in reasons ids; do
		with_part $part >man/reflashd.8.new &&
			mv man/reflashd.8.new man/reflashd.8 || exit
	done
	exit
fi

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
keys src/mqtt/mqtt_config.c | in_page mqtt.conf.5 "the key"
while read -r key; do
	grep -q "^#$key=" etc/mqtt.conf.in ||
		{ echo "etc/mqtt.conf.in: nothing about the key $key"; bad=1; }
done < <(keys src/mqtt/mqtt_config.c)
keys src/beside/web_config.c | in_page web.conf.5 "the key"
while read -r key; do
	grep -q "^#$key=" etc/web.conf.in ||
		{ echo "etc/web.conf.in: nothing about the key $key"; bad=1; }
done < <(keys src/beside/web_config.c)
keys src/core/policy/policy.c | in_page reflashd-policy.5 "the key"
keys src/core/source/image_source.c | in_page reflashd-image.5 "the key"
names src/core/state/state.h | in_page reflashd.8 "the state"
names src/core/state/reason.h | in_page reflashd.8 "the reason"
first_names VERBS src/reflashctl/verb.h | in_page reflashctl.1 "the verb"
first_names OPTIONS src/reflashctl/verb.h |
	in_page reflashctl.1 "the option" "Fl -"
"$build/reflash-sim" --list-faults | sed 's/ .*//' |
	in_page reflash-sim.1 "the fault"

for part in reasons ids; do
	grep -q '^\.\\" from the tables.*: '$part'$' man/reflashd.8 &&
		diff man/reflashd.8 <(with_part $part) && continue
	echo "^ man/reflashd.8: its $part are not those of the tables: make manual"
	bad=1
done

mandoc -T lint -W style man/*.[1-9] |
	grep -vE 'referenced manual not found' && bad=1
exit $bad
