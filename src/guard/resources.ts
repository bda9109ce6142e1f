/** How many workers the memory carries: the largest p whose planned peak fits into the budget, the machine's share and what is free now. */
import { cpus } from 'node:os'
import { GUARD_DEFAULTS, type GuardSettings, gigabytes } from '../model/guard.js'
import { PARENT, peakOfShare, shareOf, workersWithin } from './budget.js'
import { MemoryEstimator, type Sized } from './estimate.js'
import { machineMemory } from './machine.js'

/** A worker process without a unit, beside the overhead of one. */
const NODE = 60 * 2 ** 20

export interface ResourceStatus
  extends Pick<GuardSettings, 'eta' | 'gamma' | 'overhead' | 'minWorkers' | 'maxWorkers' | 'fallbackWorkers'> {
  readonly total: number | null
  readonly available: number | null
  readonly budget: number
  /** eta x total, or less where less is free. */
  readonly usable: number | null
  readonly cores: number
  readonly safetyEnabled: boolean
}

export class ResourceManager {
  readonly #memory: () => { total: number | null; available: number | null }

  constructor(
    readonly settings: GuardSettings = GUARD_DEFAULTS,
    /** Bytes for the whole run. */
    readonly budget = Number.POSITIVE_INFINITY,
    readonly cores = cpus().length,
    memory?: () => { total: number | null; available: number | null },
  ) {
    this.#memory = memory ?? (() => machineMemory(settings.procRoot))
  }

  /** Estimates as this run would have them: with the ceiling of the share that one of so many workers gets. */
  estimator(workers = 1): MemoryEstimator {
    const { gamma, overhead } = this.settings
    const ceiling = peakOfShare(shareOf(this.budget, workers))
    return new MemoryEstimator({ gamma, overhead: overhead + NODE, base: PARENT, ceiling })
  }

  /** Workers for these units; for units that are not known yet, as many as a full share each allows. */
  optimalWorkers(units: readonly Sized[] = [{ bytes: Number.MAX_SAFE_INTEGER }]): number {
    const { safety, minWorkers, maxWorkers, fallbackWorkers } = this.settings
    const most = Math.max(1, Math.min(maxWorkers, this.cores))
    if (!safety) return most
    const { usable } = this.status()
    const within = Math.min(most, workersWithin(this.budget))
    let workers = usable === null ? Math.min(fallbackWorkers, within) : within
    while (
      usable !== null &&
      workers > 1 &&
      this.estimator(workers).estimateRun(padded(units, workers), workers) > usable
    )
      workers--
    // What the user wants at least, but never more than there are shares in the budget.
    return Math.min(Math.max(minWorkers, workers), workersWithin(this.budget))
  }

  status(): ResourceStatus {
    const { total, available } = this.#memory()
    const { eta, gamma, overhead, minWorkers, maxWorkers, fallbackWorkers, safety } = this.settings
    const usable = total === null ? null : Math.min(eta * total, available ?? total, this.budget)
    return {
      total,
      available,
      budget: this.budget,
      usable,
      cores: this.cores,
      eta,
      gamma,
      overhead,
      minWorkers,
      maxWorkers,
      fallbackWorkers,
      safetyEnabled: safety,
    }
  }

  /** One line for a log. */
  line(units?: readonly Sized[]): string {
    const { total, available, budget, cores } = this.status()
    const workers = this.optimalWorkers(units)
    const planned = units ? `, planned peak ${gigabytes(this.estimator(workers).estimateRun(units, workers))}` : ''
    const machine =
      total === null ? 'memory of the machine unknown' : `${gigabytes(available ?? 0)} of ${gigabytes(total)} available`
    return `${workers} worker${workers === 1 ? '' : 's'} (${cores} cores, ${machine}, budget ${gigabytes(budget)}${planned})`
  }
}

/** A unit that is not known yet stands for as many as there are workers. */
function padded(units: readonly Sized[], workers: number): readonly Sized[] {
  const [first] = units
  return units.length === 1 && first?.bytes === Number.MAX_SAFE_INTEGER ? Array(workers).fill(first) : units
}
