/** A whole run: inventory, plan, units, and once more where reading has shown what samples could not. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { converters } from '../../converters/index.js'
import { asConvertError, MissingInputError, OutputError, PermissionError } from '../model/errors.js'
import type { RunOptions } from '../model/options.js'
import type { Converter } from '../model/report.js'
import type { Problem, Progress, Receipt, Unit, UnitOptions, UnitResult } from '../model/unit.js'
import { VERSION } from '../model/version.js'
import { correct, type Inventory, inputRoot, takeInventory, writeCache } from './inventory.js'
import { makePlan, type Plan } from './plan.js'
import { Pool } from './pool.js'
import { exitCodeOf, type FileNote, type RunReport, summarise, type UnitFailure } from './report.js'
import { convertUnit } from './unit.js'

export interface RunEvents {
  /** One line for people; `quiet` runs drop all but warnings. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly planned: (iso: string, plan: Plan) => void
  readonly progress: (unit: Unit, progress: Progress) => void
  readonly unitDone: (unit: Unit, result: UnitResult) => void
}

export const SILENT: RunEvents = { log() {}, planned() {}, progress() {}, unitDone() {} }

/** Rows that a unit may hold: enough for a monthly unit without spilling much, small enough for many workers. */
const UNIT_MEMORY = 256 << 20
/** A child process before it holds a row. */
const WORKER_BASE = 100 << 20

export function unitOptions(options: RunOptions): UnitOptions {
  const share = options.memoryLimit / Math.max(1, options.workers) - WORKER_BASE
  return {
    input: options.input,
    output: options.output,
    batchFiles: options.batchSize,
    maxInFlight: options.maxInFlight,
    memory: Math.max(32 << 20, Math.min(UNIT_MEMORY, share / 2)),
    tmpDir: options.tmpDir,
  }
}

export class Run {
  readonly #receipts: Receipt[] = []
  readonly #upToDate: Receipt[] = []
  readonly #failures: UnitFailure[] = []
  readonly #problems = new Map<string, Problem>()
  readonly #empty = new Map<string, FileNote>()
  readonly #outOfScope = new Map<string, FileNote>()
  readonly #unknown = new Map<string, FileNote>()
  readonly #taken = new Set<string>()
  readonly #notes: string[] = []
  readonly #began = performance.now()
  #pool: Pool | undefined
  #stopped = false
  #peak = 0

  constructor(
    readonly options: RunOptions,
    readonly events: RunEvents = SILENT,
  ) {}

  /** Ends the run as soon as possible; what was committed stands. */
  stop(): void {
    this.#stopped = true
    this.#pool?.stop()
  }

  async convert(): Promise<RunReport> {
    this.#preflight()
    for (const name of this.options.isos) {
      if (this.#stopped) break
      await this.#market(converters.get(name) as Converter)
    }
    return this.#report()
  }

  /** What a run would do, without doing it. */
  async plan(): Promise<{ converter: Converter; inventory: Inventory; plan: Plan }[]> {
    const plans = []
    for (const name of this.options.isos) {
      const converter = converters.get(name) as Converter
      const { root } = inputRoot(this.options.input, converter.iso)
      const inventory = await takeInventory(converter, root, this.options.output)
      plans.push({ converter, inventory, plan: this.#plan(converter, inventory, this.options.force) })
    }
    return plans
  }

  #plan(converter: Converter, inventory: Inventory, force: boolean): Plan {
    const { output, datasets, ranges, limit } = this.options
    return makePlan(converter, inventory, output, { datasets, ranges, limit }, force)
  }

  /** Nothing is read before it is known that something can be written. */
  #preflight(): void {
    const { output, dryRun } = this.options
    if (dryRun) return
    let folder = resolve(output)
    while (!existsSync(folder)) folder = dirname(folder)
    try {
      accessSync(folder, constants.W_OK | constants.X_OK)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      throw new PermissionError(
        'output.permission',
        `cannot write the output here (${code}); --output names another folder`,
        {
          file: folder,
        },
      )
    }
    try {
      mkdirSync(output, { recursive: true })
    } catch (error) {
      const known = asConvertError(error, { file: output })
      if (known.exitCode === 77) throw known
      throw new OutputError('output.create', `cannot create the output folder: ${(error as Error).message}`, {
        file: output,
      })
    }
  }

  async #market(converter: Converter): Promise<void> {
    const { options, events } = this
    const { root, own } = inputRoot(options.input, converter.iso)
    const inventory = await takeInventory(converter, root, options.output)
    this.#note(converter, inventory, own)
    let force = options.force
    let settled = new Set<string>()
    for (let round = 1; round <= 3 && !this.#stopped; round++) {
      const plan = this.#plan(converter, inventory, force)
      const units = plan.units.filter(unit =>
        unit.leaves.some(key => !settled.has(id(unit, key, unit.fingerprints[key] ?? ''))),
      )
      if (round === 1) {
        this.#upToDate.push(...plan.fresh)
        this.#explain(converter, inventory, plan)
      }
      events.planned(converter.iso, { ...plan, units })
      if (options.dryRun || units.length === 0) break
      const findings = await this.#units(units)
      settled = new Set([
        ...settled,
        ...units.flatMap(unit => unit.leaves.map(key => id(unit, key, unit.fingerprints[key] ?? ''))),
      ])
      // What samples could not show: further leaves, another grid, another market of the same file.
      if (!correct(inventory, converter, findings)) break
      force = false
    }
    if (!options.dryRun) writeCache(options.output, converter, inventory)
  }

  async #units(units: readonly Unit[]): Promise<UnitResult['findings'][number][]> {
    const findings: UnitResult['findings'][number][] = []
    const options = unitOptions(this.options)
    const done = (unit: Unit, result: UnitResult): void => {
      findings.push(...result.findings)
      for (const each of result.problems) this.#problem(each)
      for (const receipt of result.receipts) {
        const at = this.#receipts.findIndex(
          old => old.iso === receipt.iso && old.dataset === receipt.dataset && old.partition === receipt.partition,
        )
        if (at >= 0) this.#receipts.splice(at, 1, receipt)
        else this.#receipts.push(receipt)
      }
      for (const finding of result.findings)
        if (finding.empty) this.#empty.set(finding.display, { file: finding.display, reason: 'no data in it' })
      this.#peak = Math.max(this.#peak, result.peakRss)
      this.events.unitDone(unit, result)
    }
    const failed = (unit: Unit, failure: { code: string; message: string; exitCode: number }): void => {
      const { iso, dataset, leaves } = unit
      this.#failures.push({
        iso,
        dataset,
        partitions: leaves,
        code: failure.code,
        message: failure.message,
        exit_code: failure.exitCode,
      })
      this.events.log('error', `${iso} ${dataset} ${leaves[0]}: ${failure.message}`, { code: failure.code })
    }
    if (this.options.workers === 0) {
      for (const unit of units) {
        if (this.#stopped) break
        try {
          const converter = converters.get(unit.iso.toLowerCase()) as Converter
          done(unit, await convertUnit(converter, unit, options, progress => this.events.progress(unit, progress)))
        } catch (error) {
          const { code, message, exitCode } = asConvertError(error)
          failed(unit, { code, message, exitCode })
        }
      }
      return findings
    }
    this.#pool = new Pool(units, options, this.options.workers, {
      started() {},
      progress: this.events.progress,
      done,
      failed,
      retried: (unit, why) =>
        this.events.log('warn', `${unit.iso} ${unit.dataset} ${unit.leaves[0]}: ${why}; trying once more`, {
          unit: unit.leaves,
        }),
    })
    await this.#pool.run()
    this.#pool = undefined
    return findings
  }

  /** Sorts every file into exactly one list: taken, empty, out of scope, unknown or a problem. */
  #note(converter: Converter, inventory: Inventory, own: boolean): void {
    const place = (display: string) => (own ? `${converter.iso.toLowerCase()}/${display}` : display)
    for (const each of inventory.problems) this.#problem(each)
    for (const [path, entry] of inventory.files) {
      for (const each of entry.problems) this.#problem({ ...each, file: place(path) })
      for (const { display, verdict } of entry.items) {
        const file = place(display)
        if (verdict.kind === 'sources') this.#taken.add(file)
        else if (verdict.kind === 'empty') this.#empty.set(file, { file, reason: verdict.reason })
        else if (verdict.kind === 'out of scope') this.#outOfScope.set(file, { file, reason: verdict.reason })
        else if (verdict.kind === 'problem') this.#problem({ file, code: verdict.code, message: verdict.message })
        else this.#unknown.set(file, { file, reason: verdict.reason })
      }
    }
  }

  #problem(problem: Problem): void {
    this.#problems.set(`${problem.file}\n${problem.code}`, problem)
    this.events.log('warn', problem.message, { code: problem.code, file: problem.file })
  }

  /** Says why nothing is to be done, when nothing is. */
  #explain(converter: Converter, inventory: Inventory, plan: Plan): void {
    if (plan.units.length > 0 || plan.fresh.length > 0) return
    const files = inventory.files.size
    const where = `below ${inventory.root}`
    if (plan.sources > 0) {
      const { first, last } = plan.span ?? { first: '', last: '' }
      const found = plan.span ? `; what is there covers ${first === last ? first : `${first} to ${last}`}` : ''
      this.#notes.push(
        `${converter.iso}: nothing ${where} for what was asked (years and dates are delivery dates)${found}`,
      )
    } else if (files > 0)
      this.#notes.push(
        `${converter.iso}: none of the ${files} files ${where} is a price report of ${converter.iso}; the first is ${[...inventory.files.keys()][0]}. "convert reports ${converter.iso.toLowerCase()}" lists what is recognised`,
      )
    else this.#notes.push(`${converter.iso}: no files ${where}`)
    this.events.log('warn', this.#notes.at(-1) as string)
  }

  #report(): RunReport {
    const receipts = [...this.#receipts, ...this.#upToDate]
    for (const receipt of this.#upToDate) for (const each of receipt.problems) this.#problem(each)
    const datasets = summarise(receipts)
    for (const file of this.#taken) this.#unknown.delete(file)
    const problems = [...this.#problems.values()]
    const base = {
      tool_version: VERSION,
      command: process.argv.slice(2),
      isos: this.options.isos.map(name => name.toUpperCase()),
      datasets,
      written: this.#receipts.flatMap(({ file }) =>
        file ? [{ path: file.path, rows: file.rows, bytes: file.bytes }] : [],
      ),
      up_to_date: this.#upToDate.length,
      failures: this.#failures,
      problems,
      empty: [...this.#empty.values()],
      out_of_scope: [...this.#outOfScope.values()],
      unknown: [...this.#unknown.values()],
      warnings: receipts.flatMap(each => each.warnings),
      notes: this.#notes,
      seconds: Math.round(performance.now() - this.#began) / 1000,
      peak_rss_mb: Math.round(Math.max(this.#peak, process.resourceUsage().maxRSS * 1024) / 2 ** 20),
    }
    const limits = { badRows: this.options.maxBadRows, gaps: this.options.maxGaps }
    const code = exitCodeOf(base, receipts, limits)
    // Every market said why it had nothing to do, and none had an empty answer: the input is missing.
    const nothing = receipts.length === 0 && this.#notes.length > 0 && this.#empty.size === 0
    return { ...base, exit_code: code === 0 && nothing ? new MissingInputError('input.none', '').exitCode : code }
  }
}

function id(unit: Unit, key: string, fingerprint: string): string {
  return `${unit.dataset} ${key} ${fingerprint}`
}
