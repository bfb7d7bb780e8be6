#!/bin/sh
# fuzz.sh SECONDS PROGRAM: lets one fuzzer look for so long, and says what it
# saw.  What it finds is ./found-NAME-*, what it learns ./fuzz-corpus/NAME.
program=$2
name=${program##*/fuzz_}
name=${name%.fuzzer}
here=$(dirname "$0")
log=fuzz_$name.log

echo "fuzz_$name: $1 s"
mkdir -p "fuzz-corpus/$name" || exit 1
"./$program" "-max_total_time=$1" -timeout=10 -print_final_stats=1 \
	"-artifact_prefix=found-$name-" "-dict=$here/dict/$name.dict" \
	"fuzz-corpus/$name" "$here/corpus/$name" > "$log" 2>&1 || {
	tail -n 40 "$log"
	exit 1
}
executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
echo "fuzz_$name: $executed executions, coverage $coverage"
