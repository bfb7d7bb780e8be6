#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The cases of tests/world/cases, and a fixed set of random scripts.  What --show
# prints of a run that crashes is whole, through a pipe too.
here=$(cd "$(dirname "$0")" && pwd)
seeds=${WORLD_SEEDS:-80}

ulimit -c 0
shown=$(tests/world/world --show "$here"/crash.script) &&
	{ echo "a crash is not a failure"; exit 1; }
echo "$shown" | grep -q '^ .* crash 0 0$' ||
	{ echo "what --show printed before a crash is lost:"; echo "$shown"; exit 1; }
tests/world/world "$here"/cases/*.script || exit 1
exec tests/world/world --seeds "$seeds" --from 1 --jobs 2 --pairs
