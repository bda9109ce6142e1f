/**
 * Watches memory while units run: what the machine has left, and what the processes of this run hold together. Says how hard it presses;
 * what follows from that is decided elsewhere.
 */
import { type GuardSettings, gigabytes } from '../model/guard.js'
import { machineMemory, residentOf } from './machine.js'

export type Pressure = 'ok' | 'warning' | 'critical'

export interface Reading {
  readonly pressure: Pressure
  /** The machine is short of memory, or this run has used up its budget. */
  readonly cause: 'machine' | 'budget'
  /** Bytes. */
  readonly available: number | null
  /** What was compared with what, for people and for the record. */
  readonly why: string
  readonly found: number
  readonly threshold: number
  /** Resident bytes of each process that was asked for. */
  readonly resident: ReadonlyMap<number, number>
  /** Resident bytes of all of them; pages of files that they share count once. */
  readonly rss: number
}

const GiB = 2 ** 30
/** Above this share of the budget nothing more is started. */
const SOFT = 0.9

export interface Thresholds {
  readonly warning: number
  readonly critical: number
}

/** 4 and 2 GB of available memory, or 15 and 8 % of a machine for which that would be too much. */
export function thresholdsOf(settings: GuardSettings, total: number | null): Thresholds {
  const scaled = (fixed: number, share: number) => (total === null ? fixed : Math.min(fixed, share * total))
  return {
    warning: settings.warning ?? scaled(4 * GiB, 0.15),
    critical: settings.critical ?? scaled(2 * GiB, 0.08),
  }
}

export class Monitor {
  constructor(
    readonly settings: GuardSettings,
    readonly budget: number,
  ) {}

  /** @param pids the parent first */
  read(pids: readonly number[]): Reading {
    const { procRoot } = this.settings
    const { total, available } = machineMemory(procRoot)
    const resident = new Map<number, number>()
    let rss = 0
    for (const pid of pids) {
      // Processes are real even where meminfo is simulated.
      const found = residentOf(pid)
      if (!found) continue
      rss += resident.size === 0 ? found.rss : found.rss - found.shared
      resident.set(pid, found.rss)
    }
    return { ...this.judge(total, available, rss), resident, rss, available }
  }

  judge(total: number | null, available: number | null, rss: number): Omit<Reading, 'resident' | 'rss' | 'available'> {
    const { warning, critical } = thresholdsOf(this.settings, total)
    const left = available ?? Number.POSITIVE_INFINITY
    const machine = (pressure: Pressure, threshold: number) => ({
      pressure,
      cause: 'machine' as const,
      why: `${gigabytes(left)} of memory available, ${pressure} below ${gigabytes(threshold)}`,
      found: left,
      threshold,
    })
    const own = (pressure: Pressure, threshold: number) => ({
      pressure,
      cause: 'budget' as const,
      why: `this run holds ${gigabytes(rss)}, ${pressure} above ${gigabytes(threshold)} (budget ${gigabytes(this.budget)})`,
      found: rss,
      threshold,
    })
    if (left < critical) return machine('critical', critical)
    if (rss > this.budget) return own('critical', this.budget)
    if (left < warning) return machine('warning', warning)
    if (rss > SOFT * this.budget) return own('warning', SOFT * this.budget)
    return machine('ok', warning)
  }
}
