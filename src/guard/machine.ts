/**
 * What the kernel says of memory. The machine's figures come from /proc/meminfo, a container's limit from its cgroup, a process's from its
 * own files. `process.availableMemory()` is never asked: inside a cgroup it counts page cache as used.
 */
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'

export interface MachineMemory {
  /** Bytes; null where /proc cannot be read. */
  readonly total: number | null
  readonly available: number | null
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not Linux, a hidden /proc, or a process that has just ended: whoever asks has an answer for "not known".
    return null
  }
}

export function machineMemory(proc = '/proc'): MachineMemory {
  const text = read(join(proc, 'meminfo')) ?? ''
  const bytes = (name: string): number | null => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)
    return match ? Number(match[1]) * 1024 : null
  }
  return { total: bytes('MemTotal'), available: bytes('MemAvailable') }
}

/** Limit of the own cgroup in bytes; null without one. */
export function cgroupLimit(): number | null {
  const constrained = process.constrainedMemory()
  // An unlimited cgroup reports 2^64 or thereabouts: whatever is not below the machine's memory is no limit.
  return constrained > 0 && constrained < totalmem() ? constrained : null
}

export interface Resident {
  /** Resident bytes. */
  readonly rss: number
  /** Of these, pages of files, such as Node's own code, which processes share. */
  readonly shared: number
}

/** Null when the process is gone or the kernel does not tell. */
export function residentOf(pid: number, proc = '/proc'): Resident | null {
  const text = read(join(proc, String(pid), 'status'))
  if (text === null) return null
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024
  return { rss: bytes('VmRSS'), shared: bytes('RssFile') + bytes('RssShmem') }
}

/** Times that the kernel killed a process of the own cgroup for lack of memory; null without such a counter. */
export function oomKills(proc = '/proc', cgroups = '/sys/fs/cgroup'): number | null {
  for (const line of (read(join(proc, 'self/cgroup')) ?? '').split('\n')) {
    const [, controllers, path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const file =
      controllers === ''
        ? join(cgroups, path, 'memory.events')
        : controllers?.split(',').includes('memory')
          ? join(cgroups, 'memory', path, 'memory.oom_control')
          : null
    const count = file && /^oom_kill (\d+)/m.exec(read(file) ?? '')?.[1]
    if (count) return Number(count)
  }
  return null
}
