#!/usr/bin/env bash
# Runs the converter under a memory limit of the kernel: whatever happens inside, the rest of the machine keeps its memory.
# For tests: ISO_CONVERTER_PROC_ROOT (/proc) and ISO_CONVERTER_CGROUP_ROOT (/sys/fs/cgroup) say where meminfo, self/cgroup and
# the groups are read and written, NODE which node runs the converter.
set -euo pipefail
SCRIPTS=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
PROJECT=$(dirname -- "$SCRIPTS")
MAIN=$PROJECT/dist/src/cli/main.js
NODE=${NODE:-node}
# shellcheck source-path=SCRIPTDIR source=lib/layers.sh
source "$SCRIPTS/lib/layers.sh"
# shellcheck source-path=SCRIPTDIR source=lib/child.sh
source "$SCRIPTS/lib/child.sh"

usage() {
  cat <<'END'
usage: run_converter_safe.sh [--require-cgroup] [--probe] <iso> [options of convert]

  run_converter_safe.sh miso --year 2024 --da-only
  MEMORY_CAP_GB=8 run_converter_safe.sh all --input /mnt/iso --output /mnt/parquet
  run_converter_safe.sh --probe

The kernel's limit is a systemd user scope, else a systemd system scope, else a group of cgroup v2 or v1, else prlimit, else none:
the first that works. Which one it is, and why not an earlier one, stands on standard error.

  --require-cgroup   run nothing (status 71) where none of the first four works
  --probe            print what works here; run nothing

  MEMORY_CAP_GB      hard limit of all processes together (60, at most what the machine has)
  MEMORY_HIGH_GB     above this they are slowed down (55, or 92 % of the cap)
  MEMORY_SWAP_MAX    swap on top of it (4G)

The exit status is the converter's own.
END
}

# What status 137, status 134 or a count of OOM kills means for the person who finds it in a log.
explain() {
  local status=$1 kills peak peaked='' which=''
  read -r kills peak <"$RESULT" || true
  if [[ ${kills:-0} =~ ^[1-9] ]]; then
    if [[ $peak =~ ^[0-9]+$ ]]; then
      peaked=", its peak was $(gb "$peak") GB"
      # A count without a reached cap comes from a limit further up.
      ((peak >= CAP * 95 / 100)) || which='; that is below the cap, so the machine or a group above this one ran out'
    fi
    if ((status == 137)); then
      say "OOM kill: the kernel killed the whole converter (status 137)"
    else
      say "OOM kill: the kernel killed $kills worker(s); the converter itself survived and ended with status $status"
    fi
    say "  its group may use $(gb "$CAP") GB (MEMORY_CAP_GB)$peaked$which"
  elif ((status == 137)); then
    if [[ ${kills:-} == 0 ]]; then
      say "Killed (status 137) by SIGKILL from outside, not by this group's limit: its count of OOM kills is 0"
    else
      say 'Killed (status 137) by SIGKILL. Without a group of its own nobody counted: the kernel log tells whether memory ran out'
    fi
  elif ((status == 134)); then
    say 'Aborted (status 134): most likely its JavaScript heap was full, or memory was refused at a limit of the process'
  else
    return 0
  fi
  say '  finished partitions stand, nothing is half-written, and the next run goes on from there'
  say '  what to do: raise MEMORY_CAP_GB, lower --memory-limit (ISO_CONVERTER_MEMORY_LIMIT_GB), try --workers 1, or one year at a time with --year'
}

mode=run require=no arguments=()
for argument; do
  case $argument in
    --require-cgroup) require=yes ;;
    --probe) mode=probe ;;
    *) arguments+=("$argument") ;;
  esac
done
case ${arguments[0]:-} in
  -h | --help)
    usage
    exit
    ;;
  '' | -*)
    if [[ $mode == run ]]; then
      usage >&2
      fail 2 "expected a market such as miso, or all, found \"${arguments[0]:-}\""
    fi
    ;;
esac

RESULT=/dev/null
trap 'drop_group; [[ $RESULT == /dev/null ]] || rm -f "$RESULT"' EXIT
trap 'pass_on TERM || exit 143' TERM HUP
trap 'pass_on INT || exit 130' INT

read_caps
if [[ $mode == probe ]]; then
  probe
  exit
fi
[[ -f $MAIN ]] || fail 78 "$MAIN: expected the built converter, found nothing; run npm start or npm run build in $PROJECT"
command -v "$NODE" >/dev/null || fail 78 "$NODE: expected Node 20.15 or later, found nothing; install it or name it in NODE"

climb
if [[ $require == yes && ! " ${KERNEL_GROUPS[*]} " == *" $STEP "* ]]; then
  fail 71 '--require-cgroup: expected a systemd scope or a control group, found none that works; nothing was run'
fi
# A full disk only costs the explanation.
RESULT=$(mktemp 2>/dev/null) || RESULT=/dev/null
export ISO_CONVERTER_LAYER=$STEP
start_child "${ENTER[@]}" bash "$SCRIPTS/lib/inside.sh" run "$GROUP" "$RESULT" "$NODE" "$MAIN" "${arguments[@]}"
status=0
wait_child || status=$?
explain "$status"
exit "$status"
