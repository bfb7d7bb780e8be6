#!/bin/sh
# SPDX-License-Identifier: ISC
# Each process of a running reflashd, seen from outside: what it can never do.
if [ -z "${REFLASH_SANDBOX:-}" ]; then
	command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
	unshare -rn true 2>/dev/null || { echo "needs user namespaces"; exit 77; }
	REFLASH_SANDBOX=1 exec unshare -rn --kill-child --fork sh "$0" "$@"
fi
exec python3 -B "$(dirname "$0")/sandbox.py"
