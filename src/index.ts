/**
 * The library: list what is recognised, plan, convert, and read any raw file as Arrow record batches in the unified schema.
 *
 *     import { convert, readFile } from 'iso-market-data-converter'
 *     const report = await convert({ isos: ['miso'], input: 'archive', output: 'data', years: [2024] })
 *     for await (const { batch } of readFile('20240310_da_expost_lmp.csv')) console.log(batch.numRows)
 */
import { converters } from '../converters/index.js'
import { automaticBudget } from './guard/budget.js'
import { DATASETS, type Dataset } from './model/dataset.js'
import { GUARD_DEFAULTS, type GuardSettings } from './model/guard.js'
import type { RunOptions } from './model/options.js'
import { type ReadBatch, readBatches } from './run/arrow.js'
import { Run, type RunEvents, SILENT } from './run/convert.js'
import type { RunReport } from './run/report.js'

export { type EstimatorOptions, MemoryEstimator, type Sized } from './guard/estimate.js'
export { Monitor, type Pressure, type Reading } from './guard/monitor.js'
export { ResourceManager, type ResourceStatus } from './guard/resources.js'
export { DynamicSemaphore } from './guard/semaphore.js'
export { DATASETS, type Dataset, SCHEMA_VERSION } from './model/dataset.js'
export * from './model/errors.js'
export { GUARD_DEFAULTS, type GuardSettings } from './model/guard.js'
export type { RunOptions } from './model/options.js'
export type { Converter, Report } from './model/report.js'
export type { Receipt } from './model/unit.js'
export { arrowSchema, type ReadBatch } from './run/arrow.js'
export type { RunEvents } from './run/convert.js'
export type { RunReport } from './run/report.js'

export interface ConvertOptions extends Partial<Omit<RunOptions, 'isos' | 'ranges' | 'guard'>> {
  /** Thresholds and intervals of the protection; what is left out has its default. */
  readonly guard?: Partial<GuardSettings>
  /** Short names, such as `miso`; all without it. */
  readonly isos?: readonly string[]
  /** Delivery years; all without it. */
  readonly years?: readonly number[]
  readonly events?: Partial<RunEvents>
}

export interface ReportInfo {
  readonly iso: string
  readonly id: string
  readonly title: string
  readonly dataset: string
}

/** What is recognised, in the order of the declarations. */
export function listReports(): ReportInfo[] {
  return [...converters.values()].flatMap(({ iso, reports }) =>
    reports.map(({ id, title, dataset }) => ({ iso, id, title, dataset })),
  )
}

export function listDatasets(): readonly Dataset[] {
  return DATASETS
}

/** What a conversion would do: units with their partitions and files. Nothing is written. */
export async function plan(
  options: ConvertOptions,
): Promise<{ iso: string; dataset: string; partitions: readonly string[]; files: readonly string[] }[]> {
  const plans = await runOf(options).plan()
  return plans.flatMap(each =>
    each.plan.units.map(({ iso, dataset, leaves, sources }) => ({
      iso,
      dataset,
      partitions: leaves,
      files: sources.map(source => source.display),
    })),
  )
}

/**
 * Converts an archive. Files that cannot be read are in the report, and `exit_code` says what the command line would have
 * answered. Throws UsageError, MissingInputError or PermissionError before anything is touched.
 */
export function convert(options: ConvertOptions): Promise<RunReport> {
  return runOf(options).convert()
}

/** Rows of one raw file or archive as Arrow record batches, before duplicates across files are resolved. */
export function readFile(
  path: string,
  options: { readonly iso?: string; readonly onReject?: (reason: string) => void } = {},
): AsyncGenerator<ReadBatch> {
  const isos = options.iso ? [options.iso.toLowerCase()] : [...converters.keys()]
  return readBatches(path, { isos, ...(options.onReject ? { onReject: options.onReject } : {}) })
}

function runOf(options: ConvertOptions): Run {
  const { years, events, isos, guard: settings, ...rest } = options
  const guard = { ...GUARD_DEFAULTS, ...settings }
  return new Run(
    {
      datasets: DATASETS.map(dataset => dataset.id),
      input: 'data/raw',
      output: 'data',
      hint: undefined,
      tmpDir: '',
      workers: 1,
      batchSize: 50,
      maxInFlight: 4,
      memoryLimit: automaticBudget(guard).bytes,
      memorySource: 'memoryLimit',
      limitSelf: false,
      limit: undefined,
      maxBadRows: { count: 0 },
      maxGaps: undefined,
      force: false,
      dryRun: false,
      ...rest,
      guard,
      isos: (isos ?? [...converters.keys()]).map(name => name.toLowerCase()),
      ranges: (years ?? []).map(year => ({ from: `${year}-01-01`, to: `${year}-12-31` })),
    },
    { ...SILENT, ...events },
  )
}
