#!/usr/bin/env bash
# Runs a command under a REAL systemd (PID 1 of a private PID + mount namespace), so that `systemd-run --scope -p MemoryMax=...`
# can be tested on a machine that was not booted with systemd. Needs root, util-linux (unshare, nsenter, setpriv) and systemd's binaries.
# Usage: with-systemd.sh COMMAND [ARG ...]      exit status: the command's own (137 when its scope was OOM-killed)
# Nothing of the host is started or cleaned: /run and /var/log are private tmpfs mounts, and the unit path holds one empty target.
# /tmp stays the host's: the command's files may lie there.
set -euo pipefail
[[ $# -ge 1 ]] || { echo "usage: $0 COMMAND [ARG ...]" >&2; exit 64; }
SYSTEMD=$(command -v systemd || echo /lib/systemd/systemd)
[[ -x $SYSTEMD ]] || { echo "$0: no systemd binary (apt-get install systemd)" >&2; exit 69; }
# Groups are not private. Beside a booted systemd a second one would take over its groups.
[[ ! -d /run/systemd/system ]] || { echo "$0: systemd is running already" >&2; exit 69; }
# shellcheck disable=SC2016 # expanded by the shell that boots
BOOT='
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/log
mkdir -p /run/systemd /run/lock /run/isounits
printf "[Unit]\nDescription=empty test target\nDefaultDependencies=no\n" > /run/isounits/default.target
export container=isotest SYSTEMD_UNIT_PATH=/run/isounits
exec "$0" --system --unit=default.target --log-target=console --log-level=err --show-status=0
'
# Killed with this script, whatever kills it.
setpriv --pdeathsig KILL unshare --fork --pid --kill-child=KILL --mount --mount-proc --uts --ipc bash -c "$BOOT" "$SYSTEMD" </dev/null >/dev/null 2>&1 &
UNSHARE=$!
disown "$UNSHARE"
INIT=''
# shellcheck disable=SC2317 # called by the trap
stop() {
  kill -KILL "$UNSHARE" 2>/dev/null || true
  # The groups it made for itself, as soon as its last process is gone.
  for _ in $(seq 1 20); do
    find /sys/fs/cgroup -depth -type d \( -name init.scope -o -path '*/system.slice*' \) -exec rmdir {} + 2>/dev/null && break
    sleep 0.05
  done
}
trap stop EXIT
for _ in $(seq 1 50); do
  INIT=$(awk '{print $1}' "/proc/$UNSHARE/task/$UNSHARE/children" 2>/dev/null || true)
  if [[ -n $INIT ]] && nsenter -t "$INIT" -m -p -u -i systemctl is-system-running >/dev/null 2>&1; then break; fi
  sleep 0.2
done
[[ -n $INIT ]] || { echo "$0: systemd did not start" >&2; exit 70; }
status=0
nsenter -t "$INIT" -m -p -u -i --wd="$PWD" "$@" || status=$?
exit "$status"
