#!/usr/bin/env bash
# Control groups as files, v1 and v2. Sourced.
set -euo pipefail

CGROUP_ROOT=${ISO_CONVERTER_CGROUP_ROOT:-/sys/fs/cgroup}
PROC_ROOT=${ISO_CONVERTER_PROC_ROOT:-/proc}

# The folder of this process's group in the memory hierarchy v1, or in v2. Fails where there is none.
memory_group() {
  local controllers path root
  while IFS=: read -r _ controllers path; do
    case $1,$controllers, in
      v1,*memory,*) root=$CGROUP_ROOT/memory ;;
      v2,,)
        root=$CGROUP_ROOT
        # Beside v1 hierarchies v2 has a folder of its own.
        [[ -e $root/cgroup.controllers ]] || root=$CGROUP_ROOT/unified
        ;;
      *) continue ;;
    esac
    # A container may see the host's path but have only its own part mounted.
    if [[ -d $root$path ]]; then root=$root${path%/}; fi
    [[ -d $root ]] && echo "$root"
    return
  done 2>/dev/null <"$PROC_ROOT/self/cgroup"
  return 1
}

# The value after KEY in the first FILE of GROUP that is there: `counter GROUP KEY FILE...`.
counter() {
  local group=$1 key=$2 file name value
  shift 2
  for file in "$@"; do
    [[ -r $group/$file ]] || continue
    while read -r name value; do
      # A file of one number has no name in front of it.
      [[ -n $value ]] || { value=$name name=''; }
      [[ $name == "$key" ]] && echo "$value" && return
    done <"$group/$file"
  done
  echo unknown
}

limit_of() { counter "$1" '' memory.max memory.limit_in_bytes; }
peak_of() { counter "$1" '' memory.peak memory.max_usage_in_bytes; }
kills_of() { counter "$1" oom_kill memory.events memory.oom_control; }
