#!/usr/bin/env bash
# What stands under the limit: runs the converter as its child and reads the group's counters before the group goes away.
#   inside.sh limit GROUP                      prints the limit that is really in force, in bytes
#   inside.sh run GROUP RESULT COMMAND ...     runs the command, writes "KILLS PEAK" to RESULT, ends with the command's status
# GROUP: a folder to join; `own` for the group this process is already in; `none` for a limit of the process only.
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=child.sh
source "$here/child.sh"
# shellcheck source-path=SCRIPTDIR source=group.sh
source "$here/group.sh"

verb=$1 group=$2
shift 2
case $group in
  none) ;;
  own) group=$(memory_group v1 || memory_group v2) ;;
  *) echo "$$" >"$group/cgroup.procs" ;;
esac

if [[ $verb == limit ]]; then
  if [[ $group != none ]]; then
    limit_of "$group"
  else
    limit=$(ulimit -d)
    if [[ $limit == unlimited ]]; then echo "$limit"; else echo $((limit * 1024)); fi
  fi
  exit
fi

result=$1
shift
trap 'pass_on TERM || exit 143' TERM HUP
trap 'pass_on INT || exit 130' INT
start_child "$@"
# Whoever reads the counters should outlive an OOM kill; the converter, already started, keeps what it had.
{ echo -900 >/proc/self/oom_score_adj; } 2>/dev/null || true
status=0
wait_child || status=$?
[[ $group == none ]] || echo "$(kills_of "$group") $(peak_of "$group")" >"$result"
exit "$status"
