/** The memory of a whole run, where the figure comes from, and how it is divided between the parent and its workers. */
import { totalmem } from 'node:os'
import type { GuardSettings } from '../model/guard.js'
import { dataLimitOf } from './limit.js'
import { cgroupLimit, machineMemory } from './machine.js'

const MiB = 2 ** 20
const GiB = 2 ** 30
const DEFAULT_LIMIT = 50 * GiB
/** The kernel's own pages and dirty page cache count in a cgroup as well: the run stays below its limit. */
const OF_CGROUP = 0.9

/** The parent with the inventory of an ordinary archive. */
export const PARENT = 128 * MiB
/** A worker before it holds a row: Node, its code, the buffers of the encoder, zstd. */
const WORKER_BASE = 110 * MiB
/** Below this, a worker spends its time on spilling. */
const LEAST_SHARE = 256 * MiB
/** Rows that a unit may hold: enough for a monthly unit without spilling much, small enough for many workers. */
const MOST_ROWS = 256 * MiB
const LEAST_ROWS = 32 * MiB
/** RLIMIT_DATA counts what was never touched as well: stacks of threads, what the allocator keeps. Measured at 25 to 75 MB. */
const UNTOUCHED = 96 * MiB

export interface Budget {
  /** Infinite for none. */
  readonly bytes: number
  /** For people: who decided. */
  readonly source: string
}

/** The least of 50 GB, nine tenths of the cgroup's limit and `eta` of the machine. */
export function automaticBudget(settings: Pick<GuardSettings, 'eta' | 'procRoot'>): Budget {
  const total = machineMemory(settings.procRoot).total ?? totalmem()
  const cgroup = cgroupLimit()
  const data = dataLimitOf('self')
  const candidates: Budget[] = [
    { bytes: DEFAULT_LIMIT, source: 'the default' },
    { bytes: settings.eta * total, source: `${Math.round(settings.eta * 100)} % of the machine` },
    ...(cgroup === null ? [] : [{ bytes: OF_CGROUP * cgroup, source: 'the limit of the cgroup' }]),
    ...(data === null ? [] : [{ bytes: data, source: 'the data limit of the shell' }]),
  ]
  return candidates.reduce((least, each) => (each.bytes < least.bytes ? each : least))
}

export interface Share {
  /** Resident bytes that one worker may have. */
  readonly worker: number
  /** Bytes of rows that a unit holds before it spills. */
  readonly rows: number
  /** RLIMIT_DATA of a worker. */
  readonly data: number
  /** V8's heap in a worker, MiB. */
  readonly heap: number
}

/**
 * What one of so many workers gets. Every figure is bounded also where the budget is not. The data limit of a budget that is too small
 * still lets a process start: then the monitor keeps the budget, which can say what is wrong, and not an abort of V8, which cannot.
 */
export function shareOf(budget: number, workers: number, rowsFactor = 1): Share {
  const worker = Math.max(0, budget - PARENT) / Math.max(1, workers)
  const rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, (worker - WORKER_BASE) / 2) * rowsFactor)
  return {
    worker,
    rows,
    data: Math.max(worker, LEAST_SHARE) + UNTOUCHED,
    heap: Math.round(Math.min(4096, Math.max(96, worker / 2 / MiB))),
  }
}

/** RLIMIT_DATA of the parent. */
export function parentDataLimit(budget: number): number {
  return Math.max(budget, PARENT + 2 * UNTOUCHED)
}

/** Workers among whom a budget can be divided without leaving one too little. */
export function workersWithin(budget: number): number {
  return Math.max(1, Math.floor((budget - PARENT) / LEAST_SHARE))
}

/** The least budget that a run can be expected to keep. */
export const LEAST_BUDGET = PARENT + LEAST_SHARE

/** Peak of one worker whose unit needs at least as much as it is given: what an estimate can be at most. */
export function peakOfShare(share: Share): number {
  return Math.min(share.worker, WORKER_BASE + 2 * share.rows)
}
