#!/bin/sh
# Takes the site out of service before its files change.
set -eu
rm -f "${TOWPATH_HOST_DIRECTORY:-}/var/run/web-app.serving"
echo "out of service"
