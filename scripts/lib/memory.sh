#!/usr/bin/env bash
# Sizes, and what memory the machine has. Sourced.
set -euo pipefail

PROC_ROOT=${ISO_CONVERTER_PROC_ROOT:-/proc}

say() { printf '%s\n' "$*" >&2; }

fail() {
  local status=$1
  shift
  say "error: $*"
  exit "$status"
}

# Numbers are read and printed with a point whatever the locale.
gb() { LC_ALL=C awk -v bytes="$1" 'BEGIN { printf "%.4g", bytes / 1073741824 }'; }

# A figure of /proc/meminfo in bytes; nothing where it cannot be read.
meminfo() { awk -v name="$1:" '$1 == name { printf "%.0f", $2 * 1024 }' "$PROC_ROOT/meminfo" 2>/dev/null || true; }

# Bytes of the variable NAME, a number of GB, or of its default.
gigabytes() {
  local name=$1 value=${!1:-$2}
  [[ $value =~ ^[0-9]{1,6}(\.[0-9]{1,9})?$ ]] || fail 2 "$name: expected a number of GB such as 60 or 0.25, found \"$value\""
  LC_ALL=C awk -v gb="$value" 'BEGIN { printf "%.0f", gb * 1073741824 }'
}

# Bytes of MEMORY_SWAP_MAX, or infinity.
swap_bytes() {
  local value=${MEMORY_SWAP_MAX:-4G}
  if [[ $value == 0 || $value == infinity ]]; then
    echo "$value"
  elif [[ $value =~ ^([0-9]{1,6}(\.[0-9]{1,9})?)([KMGT])$ ]]; then
    LC_ALL=C awk -v number="${BASH_REMATCH[1]}" -v unit="${BASH_REMATCH[3]}" \
      'BEGIN { printf "%.0f", number * 1024 ^ index("KMGT", unit) }'
  else
    fail 2 "MEMORY_SWAP_MAX: expected a size such as 4G or 512M, 0 or infinity, found \"$value\""
  fi
}
