/** The machine-readable account of a run, and the exit code that follows from it. Limits are judged here and nowhere else. */
import type { ConflictNote, Problem, Receipt } from '../model/unit.js'
import type { StopRecord } from './stops.js'

export interface FileNote {
  readonly file: string
  readonly reason: string
  /** Of unknown files: a time, a location and a price, in a layout that no report declares. */
  readonly looks_like_prices?: true
}

export interface DatasetSummary {
  readonly iso: string
  readonly dataset: string
  readonly partitions: number
  readonly rows: number
  readonly read: number
  readonly duplicate_identical: number
  readonly superseded: number
  readonly conflicting: number
  readonly quarantined: number
  readonly other_market: number
  readonly missing_intervals: number
  readonly first: string | null
  readonly last: string | null
}

export interface UnitFailure {
  readonly iso: string
  readonly dataset: string
  readonly partitions: readonly string[]
  readonly code: string
  readonly message: string
  readonly exit_code: number
}

export interface RunReport {
  readonly tool_version: string
  readonly command: readonly string[]
  readonly isos: readonly string[]
  readonly datasets: readonly DatasetSummary[]
  readonly written: readonly { readonly path: string; readonly rows: number; readonly bytes: number }[]
  readonly up_to_date: number
  readonly failures: readonly UnitFailure[]
  /** Units that were stopped by the monitor, the watchdog or a limit, whatever became of them afterwards. */
  readonly stopped: readonly StopRecord[]
  readonly memory: { readonly limit_gb: number | null; readonly source: string }
  /** Files of known reports that could not be read to their end. */
  readonly problems: readonly Problem[]
  /** Files that were converted. With the next three lists and `problems`, every file is in exactly one. */
  readonly taken: readonly string[]
  readonly empty: readonly FileNote[]
  readonly out_of_scope: readonly FileNote[]
  readonly unknown: readonly FileNote[]
  readonly warnings: readonly string[]
  /** Partitions that have fewer rows than before this run: inputs were deleted or replaced. */
  readonly shrunk: readonly Shrunk[]
  /** The first prices between which no fact decided; every receipt has its own. */
  readonly conflicts: readonly (ConflictNote & { readonly iso: string; readonly dataset: string })[]
  readonly notes: readonly string[]
  readonly seconds: number
  /** Of the largest process. */
  readonly peak_rss_mb: number
  /** Of all processes together, as the monitor saw them; pages that they share count once. */
  readonly peak_rss_all_mb: number
  readonly exit_code: number
}

export interface Shrunk {
  readonly iso: string
  readonly dataset: string
  readonly partition: string
  readonly before: number
  readonly rows: number
}

export interface Limits {
  /** Rows, or a percentage of the rows read. */
  readonly badRows: { readonly count: number } | { readonly percent: number }
  readonly gaps: number | undefined
}

export function summarise(receipts: readonly Receipt[]): DatasetSummary[] {
  const groups = new Map<string, Receipt[]>()
  for (const receipt of receipts) {
    const key = `${receipt.iso} ${receipt.dataset}`
    groups.set(key, [...(groups.get(key) ?? []), receipt])
  }
  return [...groups.values()].map(list => {
    const total = (pick: (receipt: Receipt) => number) => list.reduce((sum, each) => sum + pick(each), 0)
    const first = list
      .map(each => each.first)
      .filter(each => each !== null)
      .sort()
    const last = list
      .map(each => each.last)
      .filter(each => each !== null)
      .sort()
    return {
      iso: (list[0] as Receipt).iso,
      dataset: (list[0] as Receipt).dataset,
      partitions: list.filter(each => each.file).length,
      rows: total(each => each.counts.written),
      // A file that reaches several partitions is read for each; rows of the others are not this one's.
      read: total(each => each.counts.read - each.counts.outside_partition),
      duplicate_identical: total(each => each.counts.duplicate_identical),
      superseded: total(each => each.counts.superseded),
      conflicting: total(each => each.counts.conflicting),
      quarantined: total(each => each.counts.quarantined),
      other_market: total(each => each.counts.other_market),
      missing_intervals: total(missingIn),
      first: first[0] ?? null,
      last: last.at(-1) ?? null,
    }
  })
}

/** Missing intervals inside days that have any, and whole days missing between the first and the last. */
export function missingIn(receipt: Receipt): number {
  const days = Object.values(receipt.coverage)
  const filled = days.map(day => day.present > 0)
  const from = filled.indexOf(true)
  const to = filled.lastIndexOf(true)
  return days.reduce(
    (sum, day, at) => (at >= from && at <= to && from >= 0 ? sum + day.expected - day.present : sum),
    0,
  )
}

/** Failures in the order in which they should be told when there are several. */
const GRAVEST = [1, 70, 71, 78, 77, 73, 74, 65, 66, 75]

/** 0, or the code of the gravest thing that happened; README and model/errors.ts say what each means. */
export function exitCodeOf(
  report: Pick<RunReport, 'failures' | 'problems' | 'datasets'>,
  receipts: readonly Receipt[],
  limits: Limits,
): number {
  const codes = report.failures.map(each => each.exit_code)
  // 75 means that running again is safe and may help: it must not hide what will only happen again.
  if (codes.length > 0) return GRAVEST.find(code => codes.includes(code)) ?? (codes[0] as number)
  const temporary = report.problems.some(({ code }) => code === 'file.changed' || code === 'io.ENOENT')
  if (temporary) return 75
  if (report.problems.length > 0) return 65
  const read = receipts.reduce((sum, each) => sum + each.counts.read, 0)
  const bad = receipts.reduce((sum, each) => sum + each.counts.quarantined, 0)
  const allowed = 'count' in limits.badRows ? limits.badRows.count : (read * limits.badRows.percent) / 100
  if (bad > allowed) return 65
  const gaps = report.datasets.reduce((sum, each) => sum + each.missing_intervals, 0)
  return limits.gaps !== undefined && gaps > limits.gaps ? 65 : 0
}
