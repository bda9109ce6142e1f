/**
 * One unit, one call: reads its sources, merges them, writes its leaves and their receipts. A worker process does nothing
 * else, and an in-process run calls the very same function.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type LeafCounts, type MergeRules, merge, newCounts } from '../merge/merge.js'
import { type DayCoverage, instantText, Quality } from '../merge/quality.js'
import { type Document, judge } from '../merge/winner.js'
import { type Dataset, datasetOf, SCHEMA_VERSION } from '../model/dataset.js'
import { InternalError } from '../model/errors.js'
import { type PartitionKey, parquetPath, receiptPath } from '../model/partition.js'
import type { Converter, Report } from '../model/report.js'
import type { Problem, Progress, Receipt, SourceFinding, Unit, UnitOptions, UnitResult } from '../model/unit.js'
import { CREATED_BY, VERSION } from '../model/version.js'
import { Clock } from '../shape/clock.js'
import { type Origin, ReadContext } from '../shape/context.js'
import { type Leaf, Leaves } from '../shape/leaves.js'
import { AtomicFile, removeLeftovers, writeWhole } from '../write/atomic.js'
import { LeafFile } from '../write/leaf.js'
import { Quarantine } from '../write/quarantine.js'
import { verifyParquet } from '../write/verify.js'
import { loadZstd } from '../write/zstd.js'
import { accountFor, findingOf, inputsOf, problemsOf } from './account.js'
import { type SourceResult, UnitReader } from './read.js'

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

/** What became of one leaf. */
interface WrittenLeaf {
  readonly leaf: Leaf
  readonly quality: Quality
  readonly file: Receipt['file']
}

class UnitJob {
  readonly #dataset: Dataset
  readonly #clock: Clock
  readonly #leaves: Leaves
  readonly #context: ReadContext
  readonly #reader: UnitReader
  readonly #quarantine: Quarantine
  readonly #receipts: Receipt[] = []
  readonly #began = performance.now()

  constructor(
    readonly converter: Converter,
    readonly unit: Unit,
    readonly options: UnitOptions,
    progress: (progress: Progress) => void,
  ) {
    this.#dataset = datasetOf(unit.dataset)
    this.#clock = new Clock(converter.zone)
    this.#leaves = new Leaves(this.#clock, this.#dataset, unit.leaves)
    this.#quarantine = new Quarantine(options.output, converter.iso, this.#dataset)
    this.#context = new ReadContext(this.#dataset, this.#clock, this.#leaves, (source, leaf, rejection) => {
      const partition = this.#partitionOf(source.index, leaf)
      if (partition) this.#quarantine.add(partition, rejection)
    })
    const reports = new Map(converter.reports.map(report => [report.id, report]))
    this.#reader = new UnitReader(this.#context, id => reports.get(id) as Report, options, progress)
  }

  async read(): Promise<void> {
    await this.#reader.readAll(this.converter.iso, this.unit.sources)
  }

  /** Merges the runs into the leaves' files, one after the other, and writes their receipts. */
  async write(): Promise<void> {
    const compress = await loadZstd()
    const { results } = this.#reader
    const written: WrittenLeaf[] = []
    let perLeaf: LeafCounts[] = []
    let open: OpenLeaf | undefined
    const valueColumns = this.#context.valueColumns
    const begin = (leaf: Leaf): OpenLeaf => {
      const path = join(this.options.output, parquetPath(this.converter.iso, this.#dataset, leaf.key))
      removeLeftovers(dirname(path))
      const sink = new AtomicFile(path)
      const file = new LeafFile(
        {
          iso: this.converter.iso,
          dataset: this.#dataset,
          clock: this.#clock,
          leaf,
          series: this.#context.series,
          origins: this.#context.origins,
          createdBy: CREATED_BY,
          compress,
        },
        sink,
      )
      return {
        leaf,
        sink,
        file,
        quality: new Quality(
          this.#dataset,
          this.#clock,
          leaf,
          valueColumns,
          this.#context.origins,
          this.#context.series.keys.of,
        ),
      }
    }
    const finished: OpenLeaf[] = []
    try {
      perLeaf = merge(this.#reader.runs, this.#context.series, this.#leaves, this.#rules(results), {
        rows: (at, rows) => {
          const leaf = this.#leaves.wanted[at] as Leaf
          if (open?.leaf !== leaf) {
            if (open) finished.push(this.#finish(open, results))
            open = begin(leaf)
          }
          open.quality.take(rows)
          open.file.append(rows)
        },
      })
      if (open) finished.push(this.#finish(open, results))
      for (const each of finished) written.push(await this.#commit(each))
    } finally {
      open?.sink.abandon()
      for (const each of finished) each.sink.abandon()
    }
    this.#leaves.wanted.forEach((leaf, at) => {
      const done = written.find(each => each.leaf === leaf)
      this.#receipt(leaf, done, perLeaf[at] ?? newCounts())
    })
  }

  result(seconds: number): UnitResult {
    const { results, spilled } = this.#reader
    return {
      receipts: this.#receipts,
      findings: results.map((result): SourceFinding => findingOf(result, this.#leaves, this.converter)),
      problems: problemsOf(results),
      seconds,
      peakRss: peakRss(),
      spilledRuns: spilled,
    }
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

  #documentOf(origin: Origin): Document {
    const own = this.#reader.results[origin.source] as SourceResult
    const parts = this.#reader.results.filter(
      each => each.source.document === own.source.document && each.source.report === own.source.report,
    )
    const digests = parts.map(each => each.sha256).sort()
    const sha256 = digests.length === 1 ? own.sha256 : createHash('sha256').update(digests.join('\n')).digest('hex')
    const { report, file } = own.state
    return {
      sha256,
      stamp: report.stamp?.(file) ?? file.memberTime,
      lastInstant: Math.max(...parts.map(each => each.state.lastInstant)),
      whole: report.whole ? `${report.id} ${file.groups.day ?? own.source.display}` : '',
      failed: parts.some(each => each.outcome === 'failed'),
    }
  }

  #rules(results: readonly SourceResult[]): MergeRules {
    const { origins, valueColumns } = this.#context
    const derives = origins.some(origin => origin.report.layout.deriveEnergy !== undefined)
    return {
      judgement: judge(origins, origin => this.#documentOf(origin)),
      combine: this.converter.combine,
      belongs: this.#grid(results),
      values: valueColumns.length,
      step: this.#dataset.minutes * 60,
      untilNext: origins.some(origin => origin.report.time.untilNext),
      derived: derives ? [valueColumns.indexOf('energy')] : [],
    }
  }

  /** Days with stamps off the hour belong to the finer data set, all others to the hourly one. */
  #grid(results: readonly SourceResult[]): ((origin: number, start: number) => boolean) | undefined {
    const grids = this.#context.origins.map(origin => origin.report.grid)
    if (!grids.some(grid => grid !== undefined)) return undefined
    const finer = new Set(results.flatMap(result => [...result.state.finerDays]))
    return (origin, start) => {
      const grid = grids[origin]
      return grid === undefined || finer.has(this.#clock.dayAt(start).day) === (grid === 'finer')
    }
  }

  #finish(open: OpenLeaf, results: readonly SourceResult[]): OpenLeaf {
    const digests = inputsOf(results, this.#leaves, open.leaf).map(input => `${input.report} ${input.sha256}`)
    const digest = createHash('sha256')
      .update([...new Set(digests)].sort().join('\n'))
      .digest('hex')
    open.file.finish({
      schema_version: String(SCHEMA_VERSION),
      dataset: this.#dataset.id,
      iso: this.converter.iso,
      time_zone: this.converter.zone,
      sort_order: [...this.#dataset.sort, 'interval_start_utc'].join(','),
      units: JSON.stringify(this.#dataset.units),
      inputs_digest: digest,
    })
    open.sink.sync()
    return open
  }

  async #commit({ leaf, sink, quality }: OpenLeaf): Promise<WrittenLeaf> {
    const rows = quality.rows
    await verifyParquet(sink.temporary, rows)
    sink.commit()
    const path = parquetPath(this.converter.iso, this.#dataset, leaf.key)
    return { leaf, quality, file: { path, bytes: sink.length, rows, sha256: sink.sha256 } }
  }

  #receipt(leaf: Leaf, written: WrittenLeaf | undefined, counts: LeafCounts): void {
    const { results } = this.#reader
    const account = accountFor(results, this.#leaves, leaf, counts, this.unit)
    if (account.unbalanced)
      throw new InternalError('counts.unbalanced', `${this.unit.dataset} ${leaf.key}: ${account.unbalanced}`)
    this.#quarantine.commit(leaf.key)
    const target = join(this.options.output, parquetPath(this.converter.iso, this.#dataset, leaf.key))
    const quality = written?.quality
    const warnings = new Set(account.warnings)
    if (!written && existsSync(target)) {
      // Nothing can be said better than what stands there: the old file and its receipt stay.
      return
    }
    const receipt: Receipt = {
      schema_version: SCHEMA_VERSION,
      tool_version: VERSION,
      iso: this.converter.iso,
      dataset: this.#dataset.id,
      partition: leaf.key,
      fingerprint: this.unit.fingerprints[leaf.key] ?? '',
      file: written?.file ?? null,
      inputs: account.inputs,
      counts: account.counts,
      first: quality ? instantText(quality.first) : null,
      last: quality ? instantText(quality.last) : null,
      locations: quality?.locations ?? 0,
      coverage: quality?.coverage() ?? ({} as Record<string, DayCoverage>),
      prices: Object.fromEntries(
        this.#context.valueColumns.map((name, k) => [name, quality?.prices[k] ?? { min: null, max: null, nulls: 0 }]),
      ),
      component_mismatch: quality?.componentMismatch ?? 0,
      unknown_columns: account.unknownColumns,
      problems: account.problems as Problem[],
      warnings: [...warnings].sort(),
      timing: {
        seconds: Math.round(performance.now() - this.#began) / 1000,
        peak_rss_mb: Math.round(peakRss() / 2 ** 20),
      },
    }
    this.#receipts.push(receipt)
    const path = join(this.options.output, receiptPath(this.converter.iso, this.#dataset, leaf.key))
    removeLeftovers(dirname(path))
    writeWhole(path, `${JSON.stringify(receipt, null, 1)}\n`)
  }
}

interface OpenLeaf {
  readonly leaf: Leaf
  readonly sink: AtomicFile
  readonly file: LeafFile
  readonly quality: Quality
}

function peakRss(): number {
  return process.resourceUsage().maxRSS * 1024
}
