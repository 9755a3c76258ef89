#!/bin/sh
# Puts the site into service.
set -eu
root=${TOWPATH_HOST_DIRECTORY:-}
mkdir -p "$root/var/run"
cat "$root/var/www/web-app/version.txt" > "$root/var/run/web-app.serving"
echo "in service"
