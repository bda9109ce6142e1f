/** A whole run: inventory, plan, units, and once more where reading has shown what samples could not. */
import { resolve } from 'node:path'
import { converters } from '../../converters/index.js'
import { asConvertError, InternalError } from '../model/errors.js'
import type { RunOptions } from '../model/options.js'
import type { Converter } from '../model/report.js'
import type { Progress, SourceFinding, Unit, UnitResult } from '../model/unit.js'
import { prepareFolder } from '../write/atomic.js'
import { readCache, writeCache } from './cache.js'
import { writeCatalog } from './catalog.js'
import { correct, type Inventory, news, type Place, placeOf, takeInventory } from './inventory.js'
import { Ledger } from './ledger.js'
import { joinsLocations, Locations } from './locations.js'
import type { Failure } from './messages.js'
import { Metadata } from './metadata.js'
import { makePlan, type Plan } from './plan.js'
import { memoryFailure, Pool } from './pool.js'
import { Protection } from './protection.js'
import type { RunReport } from './report.js'
import { Stops } from './stops.js'

export interface RunEvents {
  /** One line for people; `quiet` runs drop all but warnings. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly planned: (iso: string, plan: Plan) => void
  readonly progress: (unit: Unit, progress: Progress) => void
  readonly unitDone: (unit: Unit, result: UnitResult) => void
}

export const SILENT: RunEvents = { log() {}, planned() {}, progress() {}, unitDone() {} }

/** Two rounds are common, of finding what samples could not show and of naming locations; this many never end. */
const MOST_ROUNDS = 12

export class Run {
  readonly #ledger: Ledger
  readonly #protection: Protection
  #pool: Pool | undefined
  #stopped = false

  constructor(
    readonly options: RunOptions,
    readonly events: RunEvents = SILENT,
  ) {
    this.#ledger = new Ledger(options, ({ message, code, file }) => events.log('warn', message, { code, file }))
    this.#protection = new Protection(options, events.log)
  }

  /** Ends the run as soon as possible; what was committed stands. */
  stop(): void {
    this.#stopped = true
    this.#pool?.stop()
  }

  async convert(): Promise<RunReport> {
    this.#preflight()
    this.#protection.begin()
    for (const name of this.options.isos) {
      if (this.#stopped) break
      await this.#market(converters.get(name) as Converter)
    }
    const report = this.#ledger.report()
    if (report.shrunk.length > 0) this.events.log('warn', shrunkText(report.shrunk), { code: 'partition.shrunk' })
    if (report.written.length > 0) writeCatalog(this.options.output)
    return report
  }

  /** What a run would do, without doing it. */
  async plan(): Promise<{ converter: Converter; inventory: Inventory; plan: Plan }[]> {
    this.#protection.begin()
    const plans = []
    for (const name of this.options.isos) {
      const converter = converters.get(name) as Converter
      const inventory = await this.#inventory(converter)
      plans.push({ converter, inventory, plan: this.#plan(converter, inventory, this.options.force) })
    }
    return plans
  }

  #plan(converter: Converter, inventory: Inventory, force: boolean): Plan {
    const { output, datasets, ranges, limit } = this.options
    return makePlan(converter, inventory, output, { datasets, ranges, limit }, force, this.#locations(converter))
  }

  #locations(converter: Converter): Locations | undefined {
    return joinsLocations(converter) ? new Locations(this.options.output, converter.iso) : undefined
  }

  #place(converter: Converter): Place {
    const { input, isos } = this.options
    return placeOf(input, converter.iso, [...converters.keys()], isos.length > 1)
  }

  #inventory(converter: Converter): Promise<Inventory> {
    const { output, hint } = this.options
    const place = this.#place(converter)
    return takeInventory(converter, place, readCache(output, converter, place.root, hint), hint)
  }

  /** Nothing is read before it is known that something can be written. */
  #preflight(): void {
    const { output, dryRun } = this.options
    if (dryRun) return
    prepareFolder(resolve(output))
  }

  async #market(converter: Converter): Promise<void> {
    const { options, events } = this
    const inventory = await this.#inventory(converter)
    this.#ledger.files(inventory)
    const settled = new Set<string>()
    for (let round = 1; !this.#stopped; round++) {
      const plan = this.#plan(converter, inventory, options.force)
      const left = plan.units.filter(unit =>
        unit.leaves.some(key => !settled.has(id(unit, key, unit.fingerprints[key] ?? ''))),
      )
      // Who names locations comes before those who need their names.
      const naming = left.filter(unit => unit.locations === undefined)
      const units = naming.length > 0 ? naming : left
      if (round === 1) {
        this.#ledger.upToDate(plan.fresh)
        const note = this.#ledger.explain(converter, inventory, plan)
        if (note) events.log('warn', note)
      }
      this.#ledger.stood(converter.iso, plan.before)
      // Later rounds that have nothing left are no news.
      if (round === 1 || units.length > 0)
        events.planned(converter.iso, { ...plan, units: options.dryRun ? left : units })
      if (options.dryRun || units.length === 0) break
      if (round > MOST_ROUNDS) throw new InternalError('plan.unsettled', `${converter.iso}: the plan does not settle`)
      const findings = await this.#units(converter, units)
      for (const unit of units) for (const key of unit.leaves) settled.add(id(unit, key, unit.fingerprints[key] ?? ''))
      // What samples could not show: further leaves, another grid, another market of the same file.
      const corrected = correct(inventory, converter, findings)
      // And a location that became known may be one that partitions made earlier had no id for.
      if (!corrected && units.length === left.length && this.#locations(converter)?.digest === plan.locations) break
    }
    if (!options.dryRun) writeCache(options.output, converter, inventory, options.hint)
  }

  async #units(converter: Converter, units: readonly Unit[]): Promise<SourceFinding[]> {
    const findings: SourceFinding[] = []
    const workers = this.#protection.workersFor(converter, units)
    const metadata = new Metadata(this.options.output, converter.iso)
    const locations = this.#locations(converter)
    const done = (unit: Unit, result: UnitResult): void => {
      findings.push(...news(unit, result.findings))
      this.#ledger.done(result)
      metadata.add(unit.dataset, result.series)
      locations?.add(unit.dataset, result.series)
      this.events.unitDone(unit, result)
    }
    const failed = (unit: Unit, failure: Failure): void => {
      this.#ledger.failed(unit, failure)
      this.events.log('error', `${unit.iso} ${unit.dataset} ${unit.leaves[0]}: ${failure.message}`, {
        code: failure.code,
      })
    }
    if (workers === 0) await this.#inProcess(converter, units, done, failed)
    else await this.#inWorkers(units, workers, done, failed)
    metadata.write()
    locations?.write()
    return findings
  }

  async #inProcess(converter: Converter, units: readonly Unit[], done: Done, failed: Failed): Promise<void> {
    // The machinery of units belongs into workers: a parent that has them does without its memory.
    const { convertUnit } = await import('./unit.js')
    const options = this.#protection.unitOptions(1)
    const { memoryLimit, output } = this.options
    const stops = new Stops(output, why => this.events.log('warn', why))
    for (const unit of units) {
      if (this.#stopped) return
      const short = await this.#protection.wait()
      if (short) {
        failed(unit, { code: 'memory.wait', message: `not started: ${short}`, exitCode: 75 })
        continue
      }
      try {
        const result = await convertUnit(converter, unit, options, progress => this.events.progress(unit, progress))
        stops.conclude(unit, 'converted')
        done(unit, result)
      } catch (error) {
        const { code, message, exitCode } = asConvertError(error)
        const memory = code === 'memory.limit'
        failed(unit, memory ? memoryFailure('limit', message, memoryLimit, memoryLimit) : { code, message, exitCode })
      }
    }
  }

  async #inWorkers(units: readonly Unit[], workers: number, done: Done, failed: Failed): Promise<void> {
    const { guard, memoryLimit } = this.options
    const { selfLimit } = this.#protection
    const options = this.#protection.unitOptions(workers)
    const pool = new Pool(
      units,
      { workers, budget: memoryLimit, divided: this.#protection.divided, settings: guard, selfLimit, options },
      {
        log: this.events.log,
        progress: this.events.progress,
        done,
        failed,
        retried: (unit, why) =>
          this.events.log('warn', `${unit.iso} ${unit.dataset} ${unit.leaves[0]}: ${why}; trying once more`, {
            unit: unit.leaves,
          }),
      },
    )
    this.#pool = pool
    await pool.run()
    this.#pool = undefined
    this.#ledger.supervised(pool.stops.records, pool.peak)
  }
}

type Done = (unit: Unit, result: UnitResult) => void
type Failed = (unit: Unit, failure: Failure) => void

/** What was deleted from the archive is gone from partitions that are made anew: never without a word. */
function shrunkText(shrunk: RunReport['shrunk']): string {
  const [first] = shrunk
  const lost = shrunk.reduce((sum, { before, rows }) => sum + before - rows, 0)
  const example = `${first?.iso} ${first?.dataset} ${first?.partition} has ${first?.rows} of ${first?.before}`
  return `${lost} rows fewer than before in ${shrunk.length} ${shrunk.length === 1 ? 'partition' : 'partitions'}, whose inputs were deleted or replaced: ${example}`
}

function id(unit: Unit, key: string, fingerprint: string): string {
  return `${unit.dataset} ${key} ${fingerprint}`
}
