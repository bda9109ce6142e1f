/**
 * Units that were stopped before they were done: why, at what reading, against which threshold. One JSON per partition below
 * `<output>/stopped`, until the partition is converted; `status` and the run report tell of them.
 */
import { existsSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Unit } from '../model/unit.js'
import { writeWhole } from '../write/atomic.js'

/** memory: too little was left. oom_killed: the kernel did it. limit: an allocation failed. stall, blocked: no progress. */
export type StopReason = 'memory' | 'share' | 'limit' | 'heap' | 'oom_killed' | 'stall' | 'blocked' | 'died'

export interface Stop {
  readonly reason: StopReason
  /** In words, with figures. */
  readonly why: string
  /** Resident megabytes of the worker when it was last looked at. */
  readonly rss_mb: number | null
  /** Gigabytes that the machine had available, and the figure that was crossed, where memory was the reason. */
  readonly available_gb: number | null
  readonly threshold_gb: number | null
  readonly limit_mb: number | null
  /** What the unit was at. */
  readonly doing: string | null
}

export interface StopRecord extends Stop {
  readonly iso: string
  readonly dataset: string
  readonly partitions: readonly string[]
  readonly attempt: number
  readonly at: string
  /** What became of the unit in the same run. */
  outcome: 'tried again' | 'converted' | 'failed'
}

export function recordStop(output: string, unit: Unit, stop: Stop, attempt: number, at: Date): StopRecord {
  const { iso, dataset, leaves } = unit
  const record: StopRecord = {
    iso,
    dataset,
    partitions: leaves,
    ...stop,
    attempt,
    at: at.toISOString(),
    outcome: 'tried again',
  }
  for (const leaf of leaves) writeWhole(pathOf(output, unit, leaf), `${JSON.stringify(record, null, 1)}\n`)
  return record
}

/** The unit was converted after all. */
export function forgetStop(output: string, unit: Unit): void {
  for (const leaf of unit.leaves) {
    const path = pathOf(output, unit, leaf)
    if (existsSync(path)) unlinkSync(path)
  }
}

function pathOf(output: string, { iso, dataset }: Unit, leaf: string): string {
  return join(output, 'stopped', iso.toLowerCase(), dataset, `${leaf}.json`)
}
