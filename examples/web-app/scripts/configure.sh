#!/bin/sh
# Writes down what was installed, and by which deployment.
set -eu
root=${TOWPATH_HOST_DIRECTORY:-}
mkdir -p "$root/etc"
printf 'version=%s\ndeployment=%s\n' "$(cat "$root/var/www/web-app/version.txt")" "$DEPLOYMENT_ID" > "$root/etc/web-app.conf"
echo "configured"
