#!/bin/sh
# The site in service is the one that was installed.
set -eu
root=${TOWPATH_HOST_DIRECTORY:-}
cmp "$root/var/run/web-app.serving" "$root/var/www/web-app/version.txt"
grep -q "$(cat "$root/var/www/web-app/version.txt")" "$root/var/www/web-app/index.html"
echo "serving $(cat "$root/var/run/web-app.serving")"
