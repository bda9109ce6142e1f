#!/usr/bin/env bash
# The ladder of kernel limits. Every step is tried for real: it works if the limit is in force for a process inside. Sourced.
set -euo pipefail
shopt -s extglob
LIB=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=group.sh
source "$LIB/group.sh"
# shellcheck source-path=SCRIPTDIR source=memory.sh
source "$LIB/memory.sh"

KERNEL_GROUPS=(systemd-user-scope systemd-system-scope cgroup-v2 cgroup-v1)

# Sets CAP, HIGH and SWAP from MEMORY_CAP_GB, MEMORY_HIGH_GB and MEMORY_SWAP_MAX. A cap above the machine's memory protects nothing.
read_caps() {
  local total
  total=$(meminfo MemTotal)
  CAP=$(gigabytes MEMORY_CAP_GB 60)
  HIGH=$(gigabytes MEMORY_HIGH_GB 55)
  SWAP=$(swap_bytes)
  # Below this not even node starts, and the kernel would kill whatever looks into the group.
  ((CAP >= 48 << 20)) || fail 2 "MEMORY_CAP_GB: expected at least 0.047, found \"$MEMORY_CAP_GB\""
  if [[ -n $total ]] && ((CAP > total)); then
    [[ -z ${MEMORY_CAP_GB:-} ]] || say "note: MEMORY_CAP_GB=$MEMORY_CAP_GB is more than this machine has; $(gb "$total") GB is used"
    CAP=$total
  fi
  if ((HIGH >= CAP)); then
    HIGH=$((CAP * 92 / 100))
    [[ -z ${MEMORY_HIGH_GB:-} ]] || say "note: MEMORY_HIGH_GB=$MEMORY_HIGH_GB is not below the cap; $(gb "$HIGH") GB is used"
  fi
}

# What a step leaves behind.
ENTER=()   # command in front of what is to stand under the limit
GROUP=none # as inside.sh takes it
DETAIL=''  # what is in force
WHY=''     # or why nothing is

try_step() {
  ENTER=() GROUP=none WHY=''
  DETAIL="MemoryMax $(gb "$CAP") GB, MemoryHigh $(gb "$HIGH") GB"
  case $1 in
    systemd-user-scope) try_scope --user ;;
    systemd-system-scope) try_scope --system ;;
    cgroup-v2) try_v2 ;;
    cgroup-v1) try_v1 ;;
    prlimit) try_prlimit ;;
  esac && return
  ENTER=()
  drop_group
  return 1
}

in_force() {
  local limit
  if ! limit=$(LC_ALL=C timeout 10 "${ENTER[@]}" bash "$LIB/inside.sh" limit "$GROUP" 2>&1); then
    WHY=$(reason "${limit%%$'\n'*}")
    return 1
  fi
  limit=${limit##*$'\n'}
  WHY="it starts, but no limit of $(gb "$CAP") GB is in force inside, found: $limit"
  [[ $limit =~ ^[0-9]{1,18}$ ]] && ((limit <= CAP))
}

# An error message without the place in a script where it arose.
reason() {
  local text=${1#*: line +([0-9]): }
  echo "${text:-no answer}"
}

# A property that an older systemd refuses is left out, but only after the scope has worked without it.
try_scope() {
  local property refused=''
  # Under cron the user's bus may be there and only not known.
  local -a bare=(env "XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$UID}"
    systemd-run "$1" --scope --quiet --collect --no-ask-password -p "MemoryMax=$CAP")
  # Without OOMPolicy=continue systemd ends the whole scope when the kernel kills one worker.
  local -a wanted=("MemoryHigh=$HIGH" "MemorySwapMax=$SWAP" OOMPolicy=continue)
  # On cgroup v1 systemd takes MemoryHigh and does nothing with it.
  if memory_group v1 >/dev/null; then DETAIL="MemoryMax $(gb "$CAP") GB"; fi
  GROUP=own
  ENTER=("${bare[@]}" "${wanted[@]/#/--property=}")
  in_force && return
  ENTER=("${bare[@]}")
  in_force || return
  for property in "${wanted[@]}"; do
    ENTER+=("--property=$property")
    in_force && continue
    unset 'ENTER[-1]'
    refused+=" ${property%%=*}"
  done
  DETAIL+=", refused by this systemd:$refused"
}

# Below the own group works at the root only: elsewhere a group of v2 holds processes or hands out controllers, never both.
try_v2() {
  local own parent
  WHY='there is none'
  own=$(memory_group v2) || return
  for parent in "$own" "${own%/*}"; do
    # Above the mount there are no groups.
    [[ -e $parent/cgroup.procs ]] || continue
    try_v2_below "$parent" && return
    drop_group
  done
  return 1
}

try_v2_below() {
  grep -qsw memory "$1/cgroup.controllers" || { WHY="no memory controller in $1"; return 1; }
  grep -qsw memory "$1/cgroup.subtree_control" || control "$1/cgroup.subtree_control" +memory || return
  make_group "$1" || return
  control "$GROUP/memory.max" "$CAP" || return
  control "$GROUP/memory.high" "$HIGH" || true
  control "$GROUP/memory.swap.max" "${SWAP/infinity/max}" || true
  in_force
}

try_v1() {
  local own
  DETAIL="limit $(gb "$CAP") GB, soft limit $(gb "$HIGH") GB"
  WHY='it has no memory hierarchy here'
  own=$(memory_group v1) || return
  make_group "$own" || return
  control "$GROUP/memory.limit_in_bytes" "$CAP" || return
  control "$GROUP/memory.soft_limit_in_bytes" "$HIGH" || true
  # Memory and swap together; only kernels that account for swap have it.
  [[ $SWAP == infinity ]] || control "$GROUP/memory.memsw.limit_in_bytes" $((CAP + SWAP)) || true
  in_force
}

# RLIMIT_DATA, never RLIMIT_AS: one WebAssembly memory reserves more address space than a sensible limit has.
try_prlimit() {
  DETAIL="RLIMIT_DATA $(gb "$CAP") GB for each process, not for their sum"
  ENTER=(prlimit "--data=$CAP" --)
  in_force
}

control() {
  local error
  error=$(LC_ALL=C && { echo "$2" >"$1"; } 2>&1) && return
  WHY="$1: ${error##*: }"
  return 1
}

# Named by the wrapper's process: what a killed one left behind is known by that, and goes.
make_group() {
  local old error
  for old in "$1"/iso-convert-*; do
    [[ -d /proc/${old##*-} ]] || rmdir "$old" 2>/dev/null || true
  done
  GROUP=$1/iso-convert-$RANDOM-$$
  error=$(LC_ALL=C mkdir "$GROUP" 2>&1) && return
  WHY="$1: ${error##*: }"
  return 1
}

# Workers of a converter that was killed need a moment to notice.
drop_group() {
  local tries=0
  if [[ $GROUP == */* ]]; then
    while [[ $(LC_ALL=C rmdir "$GROUP" 2>&1) == *busy* ]] && ((tries++ < 50)); do sleep 0.1; done
  fi
  GROUP=none
}

# Tries the steps in order. Prints why each before it does not work, and sets STEP to the one that does, or to none.
climb() {
  local failed=()
  for STEP in "${KERNEL_GROUPS[@]}" prlimit none; do
    if [[ $STEP == none ]] || try_step "$STEP"; then break; fi
    failed+=("not: ${STEP//-/ }: $WHY")
  done
  if [[ $STEP == none ]]; then
    say 'WARNING: NO MEMORY PROTECTION by the kernel: only the limit that the converter sets itself (--memory-limit) is left'
  else
    say "Memory protection: ${STEP//-/ }, $DETAIL"
  fi
  if ((${#failed[@]} > 0)); then say "$(printf '%s\n' "${failed[@]}")"; fi
}

probe() {
  local step active=none
  for step in "${KERNEL_GROUPS[@]}" prlimit; do
    if try_step "$step"; then
      drop_group
      [[ $active != none ]] || active=$step
      printf '%s\tyes\t%s\n' "$step" "$DETAIL"
    else
      printf '%s\tno\t%s\n' "$step" "$WHY"
    fi
  done
  printf 'active\t%s\n' "$active"
}
