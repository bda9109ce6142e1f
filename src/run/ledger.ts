/** Keeps the account of a run: every file in exactly one list, every partition with its receipt, every failure. */
import { MissingInputError } from '../model/errors.js'
import type { RunOptions } from '../model/options.js'
import type { Converter } from '../model/report.js'
import type { Problem, Receipt, Unit, UnitResult } from '../model/unit.js'
import { VERSION } from '../model/version.js'
import type { Inventory } from './inventory.js'
import type { Failure } from './messages.js'
import { type Plan, withoutInputs } from './plan.js'
import { exitCodeOf, type FileNote, type RunReport, type Shrunk, summarise, type UnitFailure } from './report.js'
import type { StopRecord } from './stops.js'

/** Conflicts that a run's report names; receipts have those of their partition. */
const CONFLICTS_SHOWN = 10

export class Ledger {
  readonly #receipts = new Map<string, Receipt>()
  readonly #upToDate: Receipt[] = []
  readonly #failures: UnitFailure[] = []
  readonly #problems = new Map<string, Problem>()
  readonly #empty = new Map<string, FileNote>()
  readonly #outOfScope = new Map<string, FileNote>()
  readonly #unknown = new Map<string, FileNote>()
  readonly #taken = new Set<string>()
  /** Files in which some report found rows: one that found none in them says nothing. */
  readonly #filled = new Set<string>()
  readonly #notes: string[] = []
  readonly #before = new Map<string, number>()
  readonly #began = performance.now()
  readonly #stops: StopRecord[] = []
  #peak = 0
  #peakAll = 0

  constructor(
    readonly options: RunOptions,
    readonly onProblem: (problem: Problem) => void,
  ) {}

  /** Sorts every file into a list: taken, empty, out of scope, unknown or a problem. */
  files(inventory: Inventory): void {
    for (const each of inventory.problems) this.problem(each)
    for (const [path, entry] of inventory.files) {
      for (const each of entry.problems) {
        const file = path
        // An archive that holds nothing is an empty answer, not a broken one.
        if (each.code === 'file.empty') this.#empty.set(file, { file, reason: 'an archive without files' })
        else this.problem({ ...each, file })
      }
      for (const { display, verdict } of entry.items) {
        const file = display
        if (verdict.kind === 'sources') this.#taken.add(file)
        else if (verdict.kind === 'empty') this.#empty.set(file, { file, reason: verdict.reason })
        else if (verdict.kind === 'out of scope') this.#outOfScope.set(file, { file, reason: verdict.reason })
        else if (verdict.kind === 'problem') this.problem({ file, code: verdict.code, message: verdict.message })
        else if (verdict.looksLikePrices)
          this.#unknown.set(file, { file, reason: verdict.reason, looks_like_prices: true })
        else if (!this.#unknown.has(file)) this.#unknown.set(file, { file, reason: verdict.reason })
      }
    }
  }

  upToDate(receipts: readonly Receipt[]): void {
    this.#upToDate.push(...receipts)
    for (const receipt of receipts) for (const each of receipt.problems) this.problem(each)
  }

  problem(problem: Problem): void {
    const key = `${problem.file}\n${problem.code}`
    if (this.#problems.has(key)) return
    this.#problems.set(key, problem)
    this.onProblem(problem)
  }

  done(result: UnitResult): void {
    for (const each of result.problems) this.problem(each)
    for (const each of result.receipts)
      this.#receipts.set(`${each.iso} ${each.dataset} ${each.partition}`, withoutInputs(each))
    for (const { empty, display } of result.findings) {
      const file = display
      if (!empty) this.#filled.add(display)
      if (empty) this.#empty.set(file, { file, reason: 'no data in it' })
    }
    this.#peak = Math.max(this.#peak, result.peakRss)
  }

  /** What the watchdog and the brake did, and the highest sum of resident bytes. */
  supervised(stops: readonly StopRecord[], peak: number): void {
    this.#stops.push(...stops)
    this.#peakAll = Math.max(this.#peakAll, peak)
  }

  failed({ iso, dataset, leaves }: Unit, { code, message, exitCode }: Failure): void {
    this.#failures.push({ iso, dataset, partitions: leaves, code, message, exit_code: exitCode })
  }

  /** Says why a market has nothing to do, if it has nothing; null otherwise. */
  explain(converter: Converter, inventory: Inventory, plan: Plan): string | null {
    if (plan.units.length > 0 || plan.fresh.length > 0) return null
    const note = `${converter.iso}: ${reasonFor(converter, inventory, plan)}`
    this.#notes.push(note)
    return note
  }

  /** Rows of partitions as a plan found them; the first plan of a run knows what stood there before it. */
  stood(iso: string, before: ReadonlyMap<string, number>): void {
    for (const [key, rows] of before) {
      const id = `${iso} ${key}`
      if (!this.#before.has(id)) this.#before.set(id, rows)
    }
  }

  #shrunk(): Shrunk[] {
    return [...this.#receipts].flatMap(([id, { iso, dataset, partition, file }]) => {
      const [before = 0, rows] = [this.#before.get(id), file?.rows ?? 0]
      return before > rows ? [{ iso, dataset, partition, before, rows }] : []
    })
  }

  report(): RunReport {
    for (const file of this.#filled) this.#empty.delete(file)
    const own = [...this.#receipts.values()]
    // A partition that was up to date may have been made anew since: a location became known.
    const fresh = this.#upToDate.filter(
      ({ iso, dataset, partition }) => !this.#receipts.has(`${iso} ${dataset} ${partition}`),
    )
    const receipts = [...own, ...fresh]
    // In a folder of several markets, what one does not know another may have taken.
    for (const file of [...this.#taken, ...this.#outOfScope.keys(), ...this.#empty.keys()]) this.#unknown.delete(file)
    for (const file of this.#taken) this.#outOfScope.delete(file)
    for (const { file } of [...this.#empty.values(), ...this.#problems.values()]) this.#taken.delete(file)
    const { isos, maxBadRows, maxGaps } = this.options
    const base = {
      tool_version: VERSION,
      command: process.argv.slice(2),
      isos: isos.map(name => name.toUpperCase()),
      datasets: summarise(receipts),
      written: own.flatMap(({ file }) => (file ? [{ path: file.path, rows: file.rows, bytes: file.bytes }] : [])),
      up_to_date: fresh.length,
      failures: this.#failures,
      stopped: this.#stops,
      memory: { limit_gb: limitOf(this.options.memoryLimit), source: this.options.memorySource },
      problems: [...this.#problems.values()],
      taken: [...this.#taken],
      empty: [...this.#empty.values()],
      out_of_scope: [...this.#outOfScope.values()],
      unknown: [...this.#unknown.values()],
      shrunk: this.#shrunk(),
      conflicts: receipts
        .flatMap(({ iso, dataset, conflicts }) => conflicts.map(each => ({ iso, dataset, ...each })))
        .slice(0, CONFLICTS_SHOWN),
      warnings: [...new Set(receipts.flatMap(each => each.warnings))],
      notes: this.#notes,
      seconds: Math.round(performance.now() - this.#began) / 1000,
      peak_rss_mb: Math.round(Math.max(this.#peak, process.resourceUsage().maxRSS * 1024) / 2 ** 20),
      peak_rss_all_mb: Math.round(Math.max(this.#peakAll, this.#peak, process.memoryUsage.rss()) / 2 ** 20),
    }
    const code = exitCodeOf(base, receipts, { badRows: maxBadRows, gaps: maxGaps })
    // Every market said why it had nothing to do, and none had an empty answer: the input is missing.
    const nothing = receipts.length === 0 && this.#notes.length === isos.length && this.#empty.size === 0
    return { ...base, exit_code: code === 0 && nothing ? new MissingInputError('input.none', '').exitCode : code }
  }
}

function limitOf(bytes: number): number | null {
  return bytes === Number.POSITIVE_INFINITY ? null : Math.round((bytes / 2 ** 30) * 100) / 100
}

function reasonFor(converter: Converter, inventory: Inventory, plan: Plan): string {
  const where = `below ${inventory.root}`
  const [first] = inventory.files.keys()
  if (first === undefined) return `no files ${where}`
  if (plan.sources > 0) {
    const { first, last } = plan.span ?? { first: '', last: '' }
    const found = plan.span ? `; what is there covers ${first === last ? first : `${first} to ${last}`}` : ''
    return `nothing ${where} for what was asked (years and dates are delivery dates)${found}`
  }
  const name = converter.iso.toLowerCase()
  return `none of the ${inventory.files.size} files ${where} is a price report of ${converter.iso}; the first is ${first}. "convert reports ${name}" lists what is recognised`
}
