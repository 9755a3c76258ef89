# Runs the steps that are named on standard input, one after another, in this very shell, and
# answers each with its exit status. A step is a file, so that a message names the place in it and a
# syntax error stays inside it. After each step the variables are saved: when a step ends the shell
# (`exit`, `exec`, `set -e`, a signal), the next shell goes on from there.
#
# Standard input is a socket: names of steps come in, statuses go out. Steps read from /dev/null.
#
# $1: the directory of this shell. $2: the variables of the shell before, or nothing.

if [ -n "$2" ]; then
    . "$2" 2>/dev/null
fi
_build_directory=$1
shift "$#"

_build_save() {
    {
        # bash declares with its own syntax; other shells print assignments, and what is exported.
        if [ -n "${BASH_VERSION-}" ]; then
            declare -f
            declare -p
        else
            set
            export -p
        fi >|"$_build_directory/variables"
        pwd >|"$_build_directory/directory"
    } 2>/dev/null
}
trap '_build_save || :' EXIT

while { IFS=' ' read -r _build_step CODEBUILD_BUILD_SUCCEEDING; } 2>/dev/null; do
    export CODEBUILD_BUILD_SUCCEEDING
    . "$_build_directory/$_build_step" </dev/null
    {
        _build_status=$?
        _build_save || :
        printf '%s\n' "$_build_status" >&0
    } 2>/dev/null
done
