#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Each script can be run, shellcheck has no warning about it, and no module of
# a driver takes the place of one that Python's own modules want.
if ! command -v shellcheck >/dev/null; then
	echo "needs shellcheck"
	exit 77
fi
cd "${srcdir:-.}" || exit 1
mapfile -t scripts < <(find tests -name '*.sh'
	ls .ci/lib.sh .ci/release.sh .ci/run addon/local.sh addon/start check run \
		2>/dev/null)
mapfile -t drivers < <(grep -l 'env -S python3' tests/*/*.py)
for script in "${scripts[@]}" "${drivers[@]}"; do
	case $script in
	*/lib.sh) ;;
	*) [ -x "$script" ] || { echo "$script: cannot be run"; bad=1; } ;;
	esac
done
# A driver imports from its own folder first.
python3 - tests/lan/*.py tests/ctl/*.py <<'END' || bad=1
import pathlib
import sys
hidden = [path for path in sys.argv[1:]
          if pathlib.Path(path).stem in sys.stdlib_module_names]
for path in hidden:
    print(path + ": hides a module of Python")
sys.exit(bool(hidden))
END
shellcheck -x -S warning "${scripts[@]}" && [ -z "${bad:-}" ]
