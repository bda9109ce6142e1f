#!/usr/bin/env bash
# One child at a time, with signals passed on to it. Sourced.
set -euo pipefail

# The child gets a process group of its own: Ctrl-C reaches it once, through pass_on. Twice would mean "leave at once" to the converter.
start_child() {
  set -m
  "$@" &
  set +m
}

# For traps. Fails where there is no child. `timeout` and terminals send a signal to a process and to its group: the echo is dropped.
pass_on() {
  INTERRUPTED=yes
  ((SECONDS >= ${ECHO_UNTIL:-0})) || return 0
  ECHO_UNTIL=$((SECONDS + 2))
  [[ -n ${!:-} ]] && kill -s "$1" "$!" 2>/dev/null
}

# The child's exit status. A trapped signal ends `wait` early: then the child is still to be waited for.
wait_child() {
  local status
  while :; do
    INTERRUPTED='' status=0
    wait "$!" 2>/dev/null || status=$?
    [[ -n $INTERRUPTED ]] || return "$status"
  done
}
