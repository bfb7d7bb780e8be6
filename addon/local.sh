#!/bin/sh
# SPDX-License-Identifier: ISC
# local.sh FOLDER -- a local add-on, which Home Assistant builds by itself: for a version
# whose image is not published.  Copy FOLDER to /addons of Home Assistant, by the add-on
# for Samba or SSH, and reload the list of add-ons.
set -e
folder=${1:?the folder to make, such as /tmp/reflashd}
cd "$(dirname "$0")/.."
mkdir "$folder"
git archive HEAD | tar -C "$folder" -x
cd "$folder"
# Only one config.yaml, at the top, without the image; the add-on is the last stage.
mv addon/*.md addon/*.png addon/translations .
sed '/^image:/d' addon/config.yaml >config.yaml
rm addon/config.yaml repository.yaml
sed '/^FROM programs AS reflashd$/,$d' Containerfile >Dockerfile
