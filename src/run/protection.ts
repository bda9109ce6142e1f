/** What protects a run: its budget, the self limit of this process, the number of workers that memory carries. */
import { setTimeout } from 'node:timers/promises'
import { LEAST_BUDGET, PARENT, parentDataLimit, shareOf, workersWithin } from '../guard/budget.js'
import type { Sized } from '../guard/estimate.js'
import { limitData, prlimitWorks } from '../guard/limit.js'
import { Monitor } from '../guard/monitor.js'
import { ResourceManager } from '../guard/resources.js'
import { gigabytes } from '../model/guard.js'
import type { RunOptions } from '../model/options.js'
import type { Converter } from '../model/report.js'
import type { Unit, UnitOptions, UnitSource } from '../model/unit.js'
import type { Member } from '../read/members.js'

type Log = (level: 'info' | 'warn', message: string) => void

/** Of a compressed file only its own size is known: about so much text comes out of each byte. */
const GZIP = 8

export class Protection {
  readonly resources: ResourceManager
  #selfLimit: boolean | undefined

  constructor(
    readonly options: RunOptions,
    readonly log: Log,
  ) {
    this.resources = new ResourceManager(options.guard, options.memoryLimit)
  }

  /** Whether worker processes can be limited; tried once. */
  get selfLimit(): boolean {
    this.#selfLimit ??= prlimitWorks()
    return this.#selfLimit
  }

  /** Limits this process, if it is ours to limit, and says so. A limit that cannot be set is no reason not to run. */
  begin(): void {
    const { memoryLimit, memorySource, limitSelf } = this.options
    if (!limitSelf) return
    if (memoryLimit === Number.POSITIVE_INFINITY) {
      this.log('warn', 'Memory limit switched off: only bounded batches and the monitor protect this machine')
      return
    }
    if (memoryLimit < LEAST_BUDGET)
      this.log(
        'warn',
        `a memory limit of ${gigabytes(memoryLimit)} (${memorySource}) is less than a worker and its parent are known to need (${gigabytes(LEAST_BUDGET)})`,
      )
    const result = limitData(process.pid, parentDataLimit(memoryLimit))
    if (result.set) {
      const own = result.bytes === Math.floor(memoryLimit) ? '' : `; this process: ${gigabytes(result.bytes)}`
      this.log('info', `Memory limit set to ${gigabytes(memoryLimit)} for safety (${memorySource}${own})`)
      if (!this.selfLimit)
        this.log('warn', 'workers cannot be limited one by one; they share the limit of this process')
    } else
      this.log(
        'warn',
        `the self limit of ${gigabytes(memoryLimit)} could not be set (${result.why}); still active: bounded batches, the monitor${kernelLayer()}`,
      )
  }

  workersFor(converter: Converter, units: readonly Unit[]): number {
    const { workers } = this.options
    if (workers !== 'auto') return this.#affordable(workers)
    const sized = units.map(unit => sizeOf(converter, unit))
    this.log('info', this.resources.line(sized))
    return this.resources.optimalWorkers(sized)
  }

  /** More workers than the budget has shares for would each have too little, and together too much. */
  #affordable(workers: number): number {
    const most = workersWithin(this.options.memoryLimit)
    if (workers <= most) return workers
    this.log('warn', `${workers} workers do not fit into ${gigabytes(this.options.memoryLimit)}: ${most} run`)
    return most
  }

  /** For a run in one process: waits while memory is short. Null when it may go on, else why it should not. */
  async wait(): Promise<string | null> {
    const { guard } = this.options
    // Of the machine only: waiting does not make this process smaller, for which the limit that it has set itself decides.
    const monitor = new Monitor(guard, Number.POSITIVE_INFINITY)
    const began = performance.now()
    for (let told = false; ; told = true) {
      const { pressure, why } = monitor.read([process.pid])
      if (pressure === 'ok') return null
      if (!told) this.log('warn', `Memory ${pressure}: ${why}; no new unit starts`)
      if (guard.stallMs > 0 && performance.now() - began > guard.stallMs) return why
      await setTimeout(guard.monitorMs)
    }
  }

  /** The budget without what this process needs beyond an ordinary parent. */
  get divided(): number {
    return this.options.memoryLimit - Math.max(0, process.memoryUsage.rss() - PARENT)
  }

  /** What a unit is told, memory for its rows included. */
  unitOptions(workers: number): UnitOptions {
    const { input, output, batchSize, maxInFlight, tmpDir, memoryLimit } = this.options
    const { rows } = shareOf(memoryLimit, Math.max(1, workers))
    return { input, output, batchFiles: batchSize, maxInFlight, memory: rows, tmpDir }
  }
}

function kernelLayer(): string {
  const layer = process.env.ISO_CONVERTER_LAYER
  return layer && layer !== 'none' ? ` and the wrapper’s limit (${layer})` : ''
}

function sizeOf(converter: Converter, unit: Unit): Sized {
  const bytes = (source: UnitSource) => source.size * ((source.member as Member).gzip ? GZIP : 1)
  const [first] = unit.sources
  const layout = converter.reports.find(each => each.id === first?.report)?.layout.kind
  return { bytes: unit.sources.reduce((sum, source) => sum + bytes(source), 0), ...(layout ? { layout } : {}) }
}
