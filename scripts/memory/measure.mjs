// Runs one command and measures it from outside: wall time, CPU time of the whole process tree, and resident memory sampled
// every 50 ms from /proc, per process and over the tree. Node built-ins only: an installed package measures itself with it.
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

/** A process and all that descend from it, the process first. */
export function tree(root) {
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

/** Resident bytes of one process now and at most, and how many of them are pages of files; zeros when it is gone. */
export function resident(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1')
    const bytes = name => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024
    return { now: bytes('VmRSS'), peak: bytes('VmHWM'), shared: bytes('RssFile') + bytes('RssShmem') }
  } catch {
    return { now: 0, peak: 0, shared: 0 }
  }
}

/** Of several processes together: Node's own code and other pages of files count once, as they stand in memory. */
export const together = found => found.reduce((sum, { now, shared }, at) => sum + now - (at === 0 ? 0 : shared), 0)

function killTree(root) {
  for (const pid of tree(root)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

/** A figure without which no memory can be measured here. */
export const canMeasure = () => resident('self').now > 0

/**
 * `quiet` drops what the command says on standard error, `capture` keeps it; else it goes to ours. `timeout` kills it and what
 * it started.
 */
export function measure(command, args, { cwd, env, quiet = false, capture = false, timeout = 0 } = {}) {
  const cpuBefore = reapedCpu()
  const begin = performance.now()
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', capture ? 'pipe' : quiet ? 'ignore' : 'inherit'],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'])
    child[name]?.setEncoding('utf8').on('data', text => {
      said[name] += text
    })
  let treePeak = 0
  let wholePeak = 0
  let processPeak = 0
  let rootPeak = 0
  let childPeak = 0
  let processes = 0
  const sample = () => {
    const found = tree(child.pid)
      .map(resident)
      .filter(each => each.now > 0)
    rootPeak = Math.max(rootPeak, found[0]?.peak ?? 0)
    childPeak = Math.max(childPeak, ...found.slice(1).map(each => each.peak))
    treePeak = Math.max(
      treePeak,
      found.reduce((sum, each) => sum + each.now, 0),
    )
    wholePeak = Math.max(wholePeak, together(found))
    processPeak = Math.max(processPeak, ...found.map(each => each.peak))
    processes = Math.max(processes, found.length)
  }
  const timer = setInterval(sample, SAMPLE_MS)
  const killer = timeout > 0 && setTimeout(() => killTree(child.pid), timeout)
  sample()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => {
      clearInterval(timer)
      clearTimeout(killer)
      resolve({
        status: status ?? signal,
        ...said,
        seconds: (performance.now() - begin) / 1000,
        cpu: reapedCpu() - cpuBefore,
        /** Summed over the processes; pages that they share count for each, so that it is an upper bound. */
        treePeak: Math.max(treePeak, processPeak),
        /** The same with shared pages once: what the machine has less. */
        wholePeak,
        processPeak,
        /** The command itself, and the largest of its children. */
        rootPeak,
        childPeak,
        processes,
      })
    })
  })
}
