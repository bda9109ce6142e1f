#!/usr/bin/env bash
# Converts everything: all years and all data sets of all seven markets, one market at a time and each under its memory limit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/sweep.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/lib/sweep.sh"

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sweep_usage 'run_all_converters_safe.sh [--year YYYY] [options for every converter]' \
    'Converts all markets, one at a time, each under a memory limit. Without --year: all years'
  exit
fi
sweep "$@"
