#!/bin/sh
# SPDX-License-Identifier: ISC
# A state directory that is read-only after a death in mid-flash, or another one.
exec "${0%/*}/in_lan.sh" "${0%/*}/disk.py" read-only
