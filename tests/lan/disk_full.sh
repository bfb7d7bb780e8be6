#!/bin/sh
# SPDX-License-Identifier: ISC
# A state directory that is full, or has no room for an image.
exec "${0%/*}/in_lan.sh" "${0%/*}/disk.py" full
