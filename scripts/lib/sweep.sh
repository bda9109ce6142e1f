#!/usr/bin/env bash
# All converters, one at a time, each under its memory limit, with a look at the machine's memory in between. Sourced.
set -euo pipefail
SCRIPTS=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]%/*}")")
# shellcheck source-path=SCRIPTDIR source=memory.sh
source "$SCRIPTS/lib/memory.sh"
# shellcheck source-path=SCRIPTDIR source=child.sh
source "$SCRIPTS/lib/child.sh"

ALL=(pjm caiso nyiso spp isone miso ercot)

sweep_usage() {
  cat <<END
usage: $1
$2

  CONVERTERS         which, in this order (${ALL[*]})
  ISO_DATA_DIR       archive (data/raw), where --input does not name it
  ISO_OUTPUT_DIR     data set (data), where --output does not name it
  LOG_DIR            one log file per converter (logs in the data set's folder)
  PAUSE_SECONDS      rest between two converters (10)
  MIN_AVAILABLE_GB   with less memory available no further converter starts (20, or half of a small machine)
  MEMORY_CAP_GB ...  as for run_converter_safe.sh

The exit status is the number of converters that failed or were not run, at most 125. A market without input is empty, not failed.
END
}

# The last value of an option of the converter, else a default: `option_value --input DEFAULT OPTION ...`
option_value() {
  local name=$1 value=$2
  shift 2
  while (($# > 0)); do
    case $1 in
      "$name") value=${2:-} ;;
      "$name"=*) value=${1#*=} ;;
    esac
    shift
  done
  printf '%s' "$value"
}

read_settings() {
  local name input total
  name=${CONVERTERS:-${ALL[*]}}
  name=${name//,/ }
  read -ra CHOSEN <<<"${name,,}"
  for name in "${CHOSEN[@]}"; do
    [[ " ${ALL[*]} " == *" $name "* ]] || fail 2 "CONVERTERS: expected some of ${ALL[*]}, found \"$name\""
  done
  PAUSE=${PAUSE_SECONDS:-10}
  [[ $PAUSE =~ ^[0-9]{1,5}$ ]] || fail 2 "PAUSE_SECONDS: expected whole seconds, found \"$PAUSE\""
  FLOOR=$(gigabytes MIN_AVAILABLE_GB 20)
  total=$(meminfo MemTotal)
  if [[ -z ${MIN_AVAILABLE_GB:-} && -n $total ]] && ((FLOOR > total / 2)); then FLOOR=$((total / 2)); fi
  # Without this check a wrong path would make seven empty markets, and a success.
  input=$(option_value --input "${ISO_DATA_DIR:-data/raw}" "$@")
  [[ -d $input ]] || fail 66 "$input: no such folder; --input or ISO_DATA_DIR names the archive"
  LOG_DIR=${LOG_DIR:-$(option_value --output "${ISO_OUTPUT_DIR:-data}" "$@")/logs}
  mkdir -p -- "$LOG_DIR" || fail 73 "$LOG_DIR: cannot be created; LOG_DIR names another folder"
}

available() {
  local bytes
  bytes=$(meminfo MemAvailable)
  if [[ -n $bytes ]]; then gb "$bytes"; else echo '?'; fi
}

below_floor() {
  local bytes
  bytes=$(meminfo MemAvailable)
  [[ -n $bytes ]] && ((bytes < FLOOR))
}

result_of() {
  # The wrapper's own words: a worker may have been killed with the converter itself going on.
  if grep -qs '^OOM kill: ' "$2" && (($1 != 0)); then
    echo oom-killed
  else
    case $1 in
      0) echo ok ;;
      66) echo empty ;;
      *) echo failed ;;
    esac
  fi
}

row() { printf '%-9s  %-10s  %6s  %7s  %9s  %9s  %s\n' "$@"; }

# Runs one converter; leaves its line of the summary in ROWS.
convert_one() {
  local iso=$1 log before after result began=$SECONDS status=0
  shift
  log=$LOG_DIR/${STARTED}_$iso.log
  before=$(available)
  echo "$iso: $before GB available; log $log"
  start_child bash "$SCRIPTS/run_converter_safe.sh" "$iso" "$@" >"$log" 2>&1
  wait_child || status=$?
  after=$(available)
  result=$(result_of "$status" "$log")
  echo "$iso: $result (status $status) after $((SECONDS - began)) s; $after GB available"
  case $result in
    failed | oom-killed)
      FAILED=$((FAILED + 1))
      echo "--- last lines of $log"
      tail -n 30 -- "$log"
      echo '---'
      ;;
  esac
  ROWS+=("$(row "$iso" "$result" "$status" $((SECONDS - began)) "$before" "$after" "$log")")
}

sweep() {
  local iso stop='' first=yes
  read_settings "$@"
  FAILED=0 ROWS=() SIGNALLED=''
  STARTED=$(date -u +%Y%m%dT%H%M%SZ)
  trap 'SIGNALLED=143; pass_on TERM || true' TERM HUP
  trap 'SIGNALLED=130; pass_on INT || true' INT
  echo "logs in $LOG_DIR; no converter starts with less than $(gb "$FLOOR") GB available"
  for iso in "${CHOSEN[@]}"; do
    if [[ -z $first && -z $stop && -z $SIGNALLED ]]; then
      start_child sleep "$PAUSE"
      wait_child || true
    fi
    first=''
    if [[ -n $SIGNALLED ]]; then
      stop='stopped by a signal'
    elif [[ -z $stop ]] && below_floor; then
      stop="$(available) GB available, less than $(gb "$FLOOR") GB (MIN_AVAILABLE_GB)"
    fi
    if [[ -n $stop ]]; then
      echo "$iso: not run: $stop"
      FAILED=$((FAILED + 1))
      ROWS+=("$(row "$iso" 'not run' - - "$(available)" - -)")
    else
      convert_one "$iso" "$@"
    fi
  done
  echo
  row converter result status seconds 'GB before' 'GB after' log
  printf '%s\n' "${ROWS[@]}"
  echo "$FAILED of ${#CHOSEN[@]} failed"
  exit "${SIGNALLED:-$((FAILED < 125 ? FAILED : 125))}"
}
