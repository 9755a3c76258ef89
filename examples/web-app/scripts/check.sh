#!/bin/sh
# Every page has a title, and every link between pages leads somewhere.
set -eu
directory=$1
failures=0
for page in "$directory"/*.html; do
    grep -q '<title>' "$page" || { echo "$page has no title"; failures=$((failures + 1)); }
    for link in $(sed -n 's/.*href="\([a-z]*\.html\)".*/\1/p' "$page"); do
        [ -f "$directory/$link" ] || { echo "$page links to $link, which is not there"; failures=$((failures + 1)); }
    done
    echo "checked $page"
done
exit "$failures"
