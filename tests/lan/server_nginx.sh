#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# nginx and our server, asked for the same ranges: where they differ, the table
# of ranges says so and why.
top=$(cd "${srcdir:-.}" && pwd)
export SERVE_FILE=$PWD/serve_file
for program in nginx python3; do
	command -v $program >/dev/null || {
		echo "$program is not installed"
		exit 77
	}
done
case $(nginx -v 2>&1) in
*/1.2[2-9].*) ;;
*)
	echo "the table is of nginx 1.22 and later"
	exit 77
	;;
esac
work=$(mktemp -d) || exit 1
trap 'kill "$(cat "$work/pid" 2>/dev/null)" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
head -c 1000 /dev/urandom > thousand.bin
cat > nginx.conf <<END
pid $work/pid;
error_log $work/error.log;
events { }
http {
	access_log off;
	client_body_temp_path $work/1;
	proxy_temp_path $work/2;
	fastcgi_temp_path $work/3;
	uwsgi_temp_path $work/4;
	scgi_temp_path $work/5;
	server { listen unix:$work/socket; root $work; }
}
END
[ "$(id -u)" != 0 ] || sed -i '1i user root;' nginx.conf
nginx -c "$work/nginx.conf" -e "$work/error.log" || {
	cat error.log
	echo "nginx does not start here"
	exit 77
}
python3 -B "$top/tests/lan/nginx_ranges.py" "$work/socket"
