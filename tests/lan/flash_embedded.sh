#!/bin/sh
# SPDX-License-Identifier: ISC
# From a policy file to flashed devices of each firmware, without D-Bus.
exec "${0%/*}/in_lan.sh" "${0%/*}/flash.py" embedded
