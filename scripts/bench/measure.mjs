// Runs one command and measures it from outside: wall time, CPU time of the whole process tree, and resident memory sampled
// every 50 ms from /proc, summed over the tree (shared pages count once per process: the sum is an upper bound) and per process.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const SAMPLE_MS = 50
const CLOCK_TICKS = 100

/** Fields of /proc/<pid>/stat after the command name, which may hold blanks and brackets. */
function stat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** CPU seconds of all children that this process has waited for, and of theirs. */
function reapedCpu() {
  const fields = stat('self')
  return (Number(fields[13]) + Number(fields[14])) / CLOCK_TICKS
}

function tree(root) {
  const children = new Map()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const parent = Number(stat(entry)[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const pids = [root]
  for (const pid of pids) pids.push(...(children.get(pid) ?? []))
  return pids
}

/** Current and highest resident bytes of one process; 0 when it is gone. */
function resident(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1')
    const kb = name => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return { now: kb('VmRSS') * 1024, peak: kb('VmHWM') * 1024 }
  } catch {
    return { now: 0, peak: 0 }
  }
}

export function measure(command, args, { cwd, env, quiet = false } = {}) {
  const cpuBefore = reapedCpu()
  const begin = performance.now()
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  let treePeak = 0
  let processPeak = 0
  let rootPeak = 0
  let childPeak = 0
  let processes = 0
  const sample = () => {
    const pids = tree(child.pid)
      .map(resident)
      .filter(each => each.now > 0)
    rootPeak = Math.max(rootPeak, pids[0]?.peak ?? 0)
    childPeak = Math.max(childPeak, ...pids.slice(1).map(each => each.peak))
    treePeak = Math.max(
      treePeak,
      pids.reduce((sum, each) => sum + each.now, 0),
    )
    processPeak = Math.max(processPeak, ...pids.map(each => each.peak))
    processes = Math.max(processes, pids.length)
  }
  const timer = setInterval(sample, SAMPLE_MS)
  sample()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => {
      clearInterval(timer)
      const seconds = (performance.now() - begin) / 1000
      resolve({
        status: status ?? signal,
        stdout,
        seconds,
        cpu: reapedCpu() - cpuBefore,
        treePeak: Math.max(treePeak, processPeak),
        processPeak,
        /** The command itself, and the largest of its children. */
        rootPeak,
        childPeak,
        processes,
      })
    })
  })
}
