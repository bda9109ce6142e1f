/**
 * One unit, one call: reads its sources, merges them, writes its leaves and their receipts. A worker process does nothing
 * else, and an in-process run calls the very same function.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { merge } from '../merge/merge.js'
import { instantText, type Quality, type SeriesSpans } from '../merge/quality.js'
import { type Conflict, newCounts } from '../merge/rules.js'
import { type Dataset, datasetOf, SCHEMA_VERSION } from '../model/dataset.js'
import { type PartitionKey, parquetPath, receiptPath } from '../model/partition.js'
import type { Converter, Report } from '../model/report.js'
import type { ConflictNote, Progress, Receipt, SourceFinding, Unit, UnitOptions, UnitResult } from '../model/unit.js'
import { VERSION } from '../model/version.js'
import { Clock, dateText } from '../shape/clock.js'
import { ReadContext } from '../shape/context.js'
import { type Leaf, Leaves } from '../shape/leaves.js'
import { removeLeftovers, writeWhole } from '../write/atomic.js'
import { Quarantine } from '../write/quarantine.js'
import { loadZstd } from '../write/zstd.js'
import { type Account, accountFor, digestOf, findingOf, problemsOf } from './account.js'
import { LeafOutput } from './output.js'
import { UnitReader } from './read.js'
import { rulesFor } from './rules.js'

export async function convertUnit(
  converter: Converter,
  unit: Unit,
  options: UnitOptions,
  progress: (progress: Progress) => void = () => {},
): Promise<UnitResult> {
  const began = performance.now()
  const job = new UnitJob(converter, unit, options, progress)
  try {
    await job.read()
    await job.write()
    return job.result((performance.now() - began) / 1000)
  } finally {
    job.close()
  }
}

class UnitJob {
  readonly #dataset: Dataset
  readonly #clock: Clock
  readonly #leaves: Leaves
  readonly #context: ReadContext
  readonly #reader: UnitReader
  readonly #quarantine: Quarantine
  /** Only prices of locations have components. */
  readonly #combine: Converter['combine']
  readonly #receipts: Receipt[] = []
  readonly #seen = new Map<number, { first: number; last: number }>()
  readonly #began = performance.now()

  constructor(
    readonly converter: Converter,
    readonly unit: Unit,
    readonly options: UnitOptions,
    readonly progress: (progress: Progress) => void,
  ) {
    this.#dataset = datasetOf(unit.dataset)
    this.#combine = this.#dataset.kind === 'energy' ? converter.combine : 'rows'
    this.#clock = new Clock(converter.zone)
    this.#leaves = new Leaves(this.#clock, this.#dataset, unit.leaves)
    this.#quarantine = new Quarantine(options.output, converter.iso, this.#dataset)
    const reject: ReadContext['reject'] = (source, leaf, rejection) => {
      const partition = this.#partitionOf(source.index, leaf)
      if (partition) this.#quarantine.add(partition, rejection)
    }
    this.#context = new ReadContext(this.#dataset, this.#clock, this.#leaves, reject, this.#combine, unit.locations)
    const reports = new Map(converter.reports.map(report => [report.id, report]))
    this.#reader = new UnitReader(this.#context, id => reports.get(id) as Report, options, progress)
  }

  async read(): Promise<void> {
    await this.#reader.readAll(this.converter.iso, this.unit.sources)
  }

  /** Merges the runs into the leaves' files, one after the other, then commits them with their receipts. */
  async write(): Promise<void> {
    const compress = await loadZstd()
    const { results, store } = this.#reader
    const { output } = this.options
    const outputs: LeafOutput[] = []
    const rules = rulesFor(this.#context, results, this.#combine, (origin, start, rejection) => {
      const source = this.#context.origins[origin]?.source ?? 0
      const partition = this.#partitionOf(source, this.#leaves.at(start))
      if (partition) this.#quarantine.add(partition, rejection)
    })
    const finishLast = () => this.#see(outputs.at(-1)?.finish())
    try {
      const counts = await merge(store.runs, store.order, rules, {
        rows: (at, rows) => {
          const leaf = this.#leaves.wanted[at] as Leaf
          if (outputs.at(-1)?.leaf !== leaf) {
            finishLast()
            outputs.push(new LeafOutput(this.converter, output, this.#context, leaf, compress))
          }
          outputs.at(-1)?.take(rows)
          this.progress({ kind: 'written' })
        },
      })
      finishLast()
      const accounts = this.#leaves.wanted.map((leaf, at) =>
        accountFor(results, this.#leaves, leaf, counts[at] ?? newCounts(), this.unit),
      )
      for (const [at, leaf] of this.#leaves.wanted.entries()) {
        const own = outputs.find(each => each.leaf === leaf)
        const file = own ? await own.commit() : null
        this.#receipt(leaf, accounts[at] as Account, file, own?.quality, counts[at]?.conflicts ?? [])
      }
    } finally {
      for (const each of outputs) each.abandon()
    }
  }

  result(seconds: number): UnitResult {
    const { results, store } = this.#reader
    const day = (instant: number) => dateText(this.#clock.dayAt(instant).day)
    return {
      series: [...this.#seen].map(([id, { first, last }]) => ({
        tuple: this.#context.series.tuples[id] ?? [],
        first: day(first),
        last: day(last),
      })),
      receipts: this.#receipts,
      findings: results.map((result): SourceFinding => findingOf(result, this.#leaves, this.converter)),
      problems: problemsOf(results),
      seconds,
      peakRss: peakRss(),
      spilledRuns: store.spilled,
    }
  }

  /** Leaves come in the order of time. */
  #see(spans: SeriesSpans = new Map()): void {
    for (const [id, { first, last }] of spans) this.#seen.set(id, { first: this.#seen.get(id)?.first ?? first, last })
  }

  close(): void {
    this.#reader.close()
    this.#quarantine.abandon()
  }

  /** The leaf in whose quarantine a record stands: its own, or its source's first when it has no instant. */
  #partitionOf(source: number, leaf: number): PartitionKey | undefined {
    if (leaf >= 0) {
      const met = this.#leaves.met[leaf]
      return met && met.wanted >= 0 ? met.key : undefined
    }
    const home = this.unit.sources[source]?.home
    return home !== undefined && this.unit.leaves.includes(home) ? home : undefined
  }

  #conflictNote({ series, start, column, kept, beaten }: Conflict): ConflictNote {
    const { results } = this.#reader
    const { series: all, origins, valueColumns } = this.#context
    const side = (of: Conflict['kept']) => ({
      value: Number.isNaN(of.value) ? null : of.value,
      file: results[origins[of.origin]?.source ?? -1]?.source.display ?? '',
    })
    const texts = all.columns.map((name, at) => [name, all.tuples[series]?.[at] ?? null] as const)
    return {
      interval_start_utc: instantText(start),
      series: Object.fromEntries(texts.filter((each): each is [string, string] => each[1] !== null)),
      column: valueColumns[column] ?? '',
      kept: side(kept),
      beaten: side(beaten),
    }
  }

  #receipt(
    leaf: Leaf,
    account: Account,
    file: Receipt['file'],
    quality: Quality | undefined,
    conflicts: readonly Conflict[],
  ): void {
    const { converter, options, unit } = this
    this.#quarantine.commit(leaf.key)
    const target = join(options.output, parquetPath(converter.iso, this.#dataset, leaf.key))
    // Nothing better can be said than what stands there: the old file and its receipt stay.
    if (!file && existsSync(target)) return
    const { valueColumns } = this.#context
    const receipt: Receipt = {
      schema_version: SCHEMA_VERSION,
      tool_version: VERSION,
      iso: converter.iso,
      dataset: this.#dataset.id,
      partition: leaf.key,
      fingerprint: unit.fingerprints[leaf.key] ?? '',
      file,
      inputs: account.inputs,
      counts: account.counts,
      conflicts: conflicts.map(each => this.#conflictNote(each)),
      inputs_digest: digestOf(this.#reader.results, this.#leaves, leaf),
      other_markets: account.otherMarkets,
      first: quality ? instantText(quality.first) : null,
      last: quality ? instantText(quality.last) : null,
      locations: quality?.locations ?? 0,
      coverage: quality?.coverage() ?? {},
      prices: Object.fromEntries(valueColumns.map((name, k) => [name, quality?.prices[k] ?? NO_PRICES])),
      component_mismatch: quality?.componentMismatch ?? 0,
      unknown_columns: account.unknownColumns,
      problems: account.problems,
      warnings: [...account.warnings].sort(),
      timing: {
        seconds: Math.round(performance.now() - this.#began) / 1000,
        peak_rss_mb: Math.round(peakRss() / 2 ** 20),
      },
    }
    this.#receipts.push(receipt)
    const path = join(options.output, receiptPath(converter.iso, this.#dataset, leaf.key))
    removeLeftovers(dirname(path))
    writeWhole(path, `${JSON.stringify(receipt, null, 1)}\n`)
  }
}

const NO_PRICES = { min: null, max: null, nulls: 0 }

function peakRss(): number {
  return process.resourceUsage().maxRSS * 1024
}
