/** What the readers of one unit share: where rows go, what documents they came from, what was wrong and how much was read. */
import type { Dataset } from '../model/dataset.js'
import type { FileContext, Finality, Report } from '../model/report.js'
import type { Clock } from './clock.js'
import type { Leaves } from './leaves.js'
import { Doubts } from './order.js'
import { Places } from './places.js'
import type { Rejection } from './rejection.js'
import { RunTimes } from './runs.js'
import { JoinIndex, Series, Table } from './table.js'

/** One document or one version of rows in it: what the winner rule compares. */
export interface Origin {
  readonly source: number
  readonly report: Report
  readonly finality: Finality
  /** PJM's row_is_current; true where a report has no such column. */
  readonly current: boolean
  /** Where a further document of the same file stands: its own preamble. */
  readonly file?: FileContext
  /** Publication of these rows in ms, where they tell it themselves; else the document's. */
  readonly stamp?: number
}

/** Progress through one source, and its counts. */
export interface SourceState {
  readonly index: number
  readonly display: string
  readonly file: FileContext
  readonly report: Report
  /** Members of one zip that carry components of the same rows share one document; else the source itself. */
  readonly document: string
  /** Candidate rows per position in `Leaves.met`. */
  readonly perLeaf: number[]
  /** Rejected records per position; those without an instant stand under -1. */
  readonly rejected: Map<number, number>
  /** Delivery days with stamps off the hour, for feeds that exist in both grids. */
  readonly finerDays: Set<number>
  /** All delivery days of such a feed. */
  readonly days: Set<number>
  emptyCells: number
  /** Records that became a row or a part of one. */
  records: number
  /** Words of the rows that are another market's or run's: a sibling report takes them, or nobody does. */
  readonly left: Set<string>
  /** Those rows per position in `Leaves.met`. */
  readonly others: Map<number, number>
  /** Their delivery days, since 1970. */
  readonly otherDays: Set<number>
  /** Rows of a repeated hour that came once only. */
  readonly doubts: Doubts
  /** Ends of the runs or intervals that the document names, for reports of which copies are compared. */
  readonly runs: Set<number>
  firstInstant: number
  lastInstant: number
  sawTrailer: boolean
  unknownColumns: readonly string[]
  header: readonly string[]
  readonly warnings: Set<string>
}

export class ReadContext {
  readonly series: Series
  readonly places: Places
  readonly table: Table
  readonly join: JoinIndex
  readonly origins: Origin[] = []
  /** Compiled readers by report and header, kept over the files of the unit. */
  readonly compiled = new Map<string, unknown>()
  readonly valueColumns: readonly string[]

  constructor(
    readonly dataset: Dataset,
    readonly clock: Clock,
    readonly leaves: Leaves,
    readonly reject: (source: SourceState, leaf: number, rejection: Rejection) => void,
    /** Components are won one by one: every row notes which it has. */
    readonly combine: 'rows' | 'components' = 'rows',
    /** Locations as other data sets and earlier runs describe them. */
    described: readonly (readonly (string | null)[])[] = [],
  ) {
    this.series = new Series(dataset)
    this.places = new Places(this.series, described)
    this.valueColumns = dataset.columns.filter(each => each.source === 'value').map(each => each.name)
    this.table = new Table(this.valueColumns.length)
    this.join = new JoinIndex(this.table)
    this.table.joined = combine === 'components'
  }

  addOrigin(origin: Origin): number {
    return this.origins.push(origin) - 1
  }
}

export function newSource(
  fields: Pick<SourceState, 'index' | 'display' | 'file' | 'report' | 'document'>,
): SourceState {
  return {
    ...fields,
    perLeaf: [],
    rejected: new Map(),
    finerDays: new Set(),
    days: new Set(),
    emptyCells: 0,
    records: 0,
    left: new Set(),
    others: new Map(),
    otherDays: new Set(),
    doubts: new Doubts(),
    runs: new Set(),
    firstInstant: Number.MAX_SAFE_INTEGER,
    lastInstant: 0,
    sawTrailer: false,
    unknownColumns: [],
    header: [],
    warnings: new Set(),
  }
}

const NO_NUMBERS: Set<number> = new Set()
const NO_TEXTS: Set<string> = new Set()
const NO_COUNTS: Map<number, number> = new Map()
const NO_LINES: readonly string[] = []
const NO_DOUBTS = new Doubts()

/** Ends of a document's runs in order of time. */
export function runTimesOf({ runs }: SourceState): RunTimes {
  return new RunTimes(Uint32Array.from(runs).sort())
}

/**
 * A source that was read, without what only its reading needed: a unit keeps thousands of them until it is merged. Empty collections
 * are one and the same, and not to be written to.
 */
export function compact(state: SourceState): SourceState {
  const { finerDays, days, left, others, otherDays, doubts, runs, warnings, rejected, unknownColumns } = state
  return {
    ...state,
    header: NO_LINES,
    finerDays: finerDays.size > 0 ? finerDays : NO_NUMBERS,
    days: days.size > 0 ? days : NO_NUMBERS,
    left: left.size > 0 ? left : NO_TEXTS,
    others: others.size > 0 ? others : NO_COUNTS,
    otherDays: otherDays.size > 0 ? otherDays : NO_NUMBERS,
    doubts: doubts.size > 0 ? doubts : NO_DOUBTS,
    runs: runs.size > 0 ? runs : NO_NUMBERS,
    warnings: warnings.size > 0 ? warnings : NO_TEXTS,
    rejected: rejected.size > 0 ? rejected : NO_COUNTS,
    unknownColumns: unknownColumns.length > 0 ? unknownColumns : NO_LINES,
  }
}
