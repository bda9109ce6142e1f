#!/usr/bin/env bash
# Tries all seven converters on one year of day-ahead files, one at a time and each under its memory limit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/sweep.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/lib/sweep.sh"

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sweep_usage 'test_converters_safe.sh [options for every converter]' \
    'Tries all converters, one at a time, each under a memory limit. Without options: --year 2024 --da-only'
  exit
fi
(($# > 0)) || set -- --year 2024 --da-only
sweep "$@"
