#!/bin/sh
# SPDX-License-Identifier: ISC
# Devices that people have, and that are not as the others are.
each=chunk-ms=5,reboot-ms=300
sim_options="--device id=1000010001,fw=3.1.0,old-info=yes,$each
	--device id=1000010002,fw=3.1.0,$each
	--device id=1000010003,fw=3.0.1,old-info=yes,fault=mdns-mute,$each
	--device id=1000010004,fw=3.2.0,fault=mdns-mute,$each
	--device id=1000020001,suffix=-2,$each
	--device id=1000020002,$each
	--device id=130034000f50432030333633,model=spm
	--device id=1000030001,model=bridge
	--device id=1000030002,model=ihost
	--device id=1000040001,after=tasmota,tasmota-version=5.12.0h,$each
	--device id=1000040002,after=tasmota,mac=other,$each
	--device id=1000050001,type=plug,fw=3.1.0,old-info=yes,$each
	--device id=1000050002,model=minir3,type=diylight,$each
	--device id=1000050003,model=minir3,fault=all-422,$each
	--device id=1000060001,port=9000,$each
	--device id=1000060002,port=65535,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive devices.py
