/**
 * Units that were stopped before they were done: why, at what reading, against which threshold. One JSON per partition below
 * `<output>/stopped`, until the partition is converted; `status` and the run report tell of them.
 */
import { existsSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { asConvertError } from '../model/errors.js'
import type { Unit } from '../model/unit.js'
import { writeWhole } from '../write/atomic.js'

/**
 * memory: too little was left. share: the worker had too much. limit, heap: an allocation failed. oom_killed: the kernel did it.
 * killed: somebody else. stall, blocked: no progress.
 */
export type StopReason = 'memory' | 'share' | 'limit' | 'heap' | 'oom_killed' | 'killed' | 'stall' | 'blocked' | 'died'

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

/** The stops of one run. A record that cannot be written is a warning: it must not cost the units that go on. */
export class Stops {
  readonly records: StopRecord[] = []

  constructor(
    readonly output: string,
    readonly warn: (why: string) => void,
  ) {}

  add(unit: Unit, stop: Stop, attempt: number): void {
    const { iso, dataset, leaves: partitions } = unit
    const at = new Date().toISOString()
    const record: StopRecord = { iso, dataset, partitions, ...stop, attempt, at, outcome: 'tried again' }
    this.records.push(record)
    this.#write(unit, record)
  }

  /** What became of the unit: of one that was converted nothing is kept on disk, also not what an earlier run left. */
  conclude(unit: Unit, outcome: 'converted' | 'failed'): void {
    const own = this.records.filter(each => each.partitions === unit.leaves)
    for (const each of own) each.outcome = outcome
    const last = own.at(-1)
    if (outcome === 'converted') this.#each(unit, path => existsSync(path) && unlinkSync(path))
    else if (last) this.#write(unit, last)
  }

  #write(unit: Unit, record: StopRecord): void {
    this.#each(unit, path => writeWhole(path, `${JSON.stringify(record, null, 1)}\n`))
  }

  #each(unit: Unit, act: (path: string) => void): void {
    try {
      for (const leaf of unit.leaves)
        act(join(this.output, 'stopped', unit.iso.toLowerCase(), unit.dataset, `${leaf}.json`))
    } catch (error) {
      this.warn(`the record of a stopped unit: ${asConvertError(error).message}`)
    }
  }
}
