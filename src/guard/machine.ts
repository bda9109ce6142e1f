/** What memory there is. The machine's figure comes from /proc/meminfo, a container's from its cgroup (process.constrainedMemory). */
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'

const GiB = 1024 ** 3
const DEFAULT_LIMIT = 50 * GiB

/** min(50 GB, cgroup limit, 0.75 x the machine), in bytes. */
export function defaultMemoryLimit(): number {
  const constrained = process.constrainedMemory()
  // An unlimited cgroup reports 2^64 or thereabouts: whatever is not below the machine's memory is no limit.
  const cgroup = constrained > 0 && constrained < totalmem() ? constrained : Number.POSITIVE_INFINITY
  return Math.min(DEFAULT_LIMIT, cgroup, 0.75 * totalmem())
}

/** MemAvailable in bytes; null where /proc is missing. `process.availableMemory()` counts page cache as used in a cgroup. */
export function availableMemory(proc = '/proc'): number | null {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync(`${proc}/meminfo`, 'utf8'))
    return match ? Number(match[1]) * 1024 : null
  } catch {
    return null
  }
}
