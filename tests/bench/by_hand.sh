#!/bin/sh
# SPDX-License-Identifier: ISC
# by_hand.sh FOLDER HOST:PORT: what people type one by one, for the first device
# that announces itself.  The web server is there already.  The device wants
# 200 ms between two calls.
folder=$1 server=$2
sum=$(sha256sum "$folder/fw.bin")

call()
{
	curl -s -m 20 -H 'Content-Type: application/json' \
		-d "{\"deviceid\":\"$id\",\"data\":$2}" \
		"http://$address:8081/zeroconf/$1" >>"$folder/answers"
}

touch "$folder/ready"
avahi-browse --resolve --parsable _ewelink._tcp |
	while IFS=';' read -r event _ _ name _ _ _ address _; do
		[ "$event" = "=" ] || continue
		id=${name#eWeLink_}
		call info '{}'
		sleep 0.2
		call ota_unlock '{}'
		sleep 0.2
		call ota_flash "{\"downloadUrl\":\"http://$server/fw.bin\",\"sha256sum\":\"${sum%% *}\"}"
		break
	done
