#!/bin/sh
# SPDX-License-Identifier: ISC
# A state directory that another has, or with a record that is garbage.
exec "${0%/*}/in_lan.sh" "${0%/*}/disk.py" records
