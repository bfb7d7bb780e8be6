#!/bin/sh
# SPDX-License-Identifier: ISC
# embed.sh FILE...: prints the files of the page as arrays of web_files.c.
set -e
echo '#include "web/web_files.h"'
number=0
for file; do
	echo "static const unsigned char file_$number[] = {"
	od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo "};"
	number=$((number + 1))
done
echo 'const struct web_file web_files[] = {'
number=0
for file; do
	case $file in
	*.html) type='text/html; charset=utf-8' ;;
	*.css) type='text/css; charset=utf-8' ;;
	*.js) type='text/javascript; charset=utf-8' ;;
	*.svg) type='image/svg+xml' ;;
	esac
	echo "{ \"/${file##*/}\", \"$type\", file_$number, sizeof(file_$number) },"
	number=$((number + 1))
done
echo '};'
echo "const size_t web_file_count = $number;"
