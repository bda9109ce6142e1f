/**
 * What a converter declares of a report: names, columns with every spelling ever seen, layout, time rule, finality.
 * Everything here is data or a small pure function that runs once per distinct text, per header or per file, never per row.
 */
import type { DatasetId } from './dataset.js'

/** What is known of the file around its rows. */
export interface FileContext {
  /** Base name of the innermost name. */
  readonly name: string
  /** All names joined by ` > `, folders included: some facts stand only in a folder's name. */
  readonly path: string
  /** Named groups of the file pattern that matched: `day`, `stamp` ... */
  readonly groups: Readonly<Record<string, string | undefined>>
  /** Cells of the lines before the header. */
  readonly preamble: readonly (readonly string[])[]
  /** The zip member's own modification time in ms, 0 for a loose file. */
  readonly memberTime: number
}

/** A column of the source, by all spellings that were ever seen, newest first. Position `at` serves unnamed columns only. */
export interface Wanted {
  readonly spellings: readonly string[]
  readonly required: boolean
  readonly at?: number
}

/** `undefined`: this record has no row of this kind. `null`: the value is missing. */
export type CellText = string | null | undefined

/** One column of the series: which source columns it needs and what they make. Evaluated once per distinct combination. */
export interface Cell {
  readonly wanted: readonly Wanted[]
  /** Looks at the file's name, so its result holds for one file only. */
  readonly perFile?: boolean
  readonly make: (texts: readonly string[], file: FileContext) => CellText
}

/** A number of the row: the first of `wanted` that is there and not empty. */
export interface NumberCell {
  readonly wanted: readonly Wanted[]
  /** Published with the opposite sign (NYISO congestion). */
  readonly negated?: boolean
}

/** A further row that one record gives: another product's column. */
export interface Lane {
  readonly series: Readonly<Record<string, Cell>>
  readonly values: Readonly<Record<string, NumberCell>>
}

/** Lanes found in the header itself: each column that matches is a product. */
export interface ProductColumns {
  readonly match: readonly (readonly [RegExp, Readonly<Record<string, string>>])[]
  /** Columns whose header text says nothing else than what is in `known` are no products. */
  readonly series: Readonly<Record<string, Cell>>
}

interface BaseLayout {
  readonly series: Readonly<Record<string, Cell>>
  /** Energy = lmp - congestion - loss, rounded to that many decimals, where the file has no such column. */
  readonly deriveEnergy?: number
}

/** One record, one row (or one row per lane or product column). */
export interface RowsLayout extends BaseLayout {
  readonly kind: 'rows'
  readonly values: Readonly<Record<string, NumberCell>>
  readonly lanes?: readonly Lane[]
  readonly products?: ProductColumns
  /** Some writers print congestion with the opposite sign: the rows themselves tell, and it is turned round. */
  readonly detectSign?: boolean
  /** Rows of one market in a file of several: `take` these texts, `leave` those to a sibling report, reject any other. */
  readonly only?: { readonly cell: Cell; readonly take: readonly string[]; readonly leave: readonly string[] }
  readonly current?: Wanted
  readonly version?: Wanted
}

/** One record, one component of a row: components of one interval stand apart and are joined. */
export interface ComponentsLayout extends BaseLayout {
  readonly kind: 'components'
  readonly component: Wanted
  readonly columns: Readonly<Record<string, string>>
  readonly value: NumberCell
  /** Components that are known and not wanted. */
  readonly ignored?: readonly string[]
  readonly only?: RowsLayout['only']
}

/** One record, one day of hours across; with `component`, one component of them. */
export interface HoursLayout extends BaseLayout {
  readonly kind: 'hours'
  /** Header text of an hour column; group 1 is the hour-ending label. */
  readonly hour: RegExp
  /** Values of one hour, in the order of the columns that carry the same hour label (one in most reports). */
  readonly values: readonly string[]
  readonly component?: { readonly wanted: Wanted; readonly columns: Readonly<Record<string, string>> }
  /** The label stands over the first value of its hour only; the others follow it. */
  readonly spread?: boolean
  /** Lines among the data that are none: column heads, section ends. */
  readonly skip?: RegExp
  /** Market day from a column; else from the preamble, else from the name. */
  readonly day?: Wanted
}

export type Layout = RowsLayout | ComponentsLayout | HoursLayout

/** What a time text means: an instant, or (until row order decides) two. */
export interface Resolved {
  /** Interval start, seconds since 1970 UTC; NaN when `error` says why not. */
  readonly start: number
  /** True interval end where it is off the grid; else start + nominal minutes. */
  readonly end?: number
  /** Wall clock in seconds, for rules in which row order decides. */
  readonly wall?: number
  /** The second instant of a repeated wall time. */
  readonly second?: number
  readonly error?: string
}

export interface TimeRule {
  readonly wanted: readonly Wanted[]
  /** Looks at the file's name or preamble, so its result holds for one file only. */
  readonly perFile?: boolean
  /** Pure in the texts and the file. */
  readonly resolve: (texts: readonly string[], file: FileContext) => Resolved
  /** Row order of each location decides which of two instants a repeated wall time is. */
  readonly byOrder?: boolean
  /** The stamp is the end, and the start is the location's previous stamp (runs off the grid). */
  readonly sincePrevious?: boolean
  /** The end is the location's next start, if that is at most 15 minutes away (runs off the grid). */
  readonly untilNext?: boolean
  /** Start of hour-ending label `label` on `day` (days since 1970), for hours across; NaN: no such hour. */
  readonly hourStart?: (day: number, label: string) => number
}

export interface Finality {
  /** Settlement over verified over preliminary, day file over interval file: the greater wins before anything else. */
  readonly priority: number
  readonly revision: number
  readonly final: boolean
}

/** Takes the place of what the report says of all its files. */
export interface Version {
  readonly mark: RegExp
  readonly finality?: Finality
  readonly published?: string
  /** What a person should know of such a file. */
  readonly warning?: string
}

export interface Report {
  /** Unique within the converter. */
  readonly id: string
  readonly title: string
  readonly dataset: DatasetId
  /** `source_report`; the id unless several declarations read one published report. */
  readonly published?: string
  /** File names as published, tested on the innermost name. */
  readonly names: readonly RegExp[]
  /** Other names are recognised by their header. Off where several reports share one header. */
  readonly byHeader?: boolean
  /** Recognised by header only if a line before the header matches. */
  readonly heading?: RegExp
  /** Nothing in the file names its market: any of this may tell it; without it the file is refused with a request for a hint. */
  readonly evidence?: Evidence
  /** The header must have one of these. */
  readonly needsOne?: readonly string[]
  /** Columns that the header must have besides those that are read. */
  readonly needs?: readonly string[]
  /** A header with one of these is another report. */
  readonly unless?: readonly string[]
  readonly layout: Layout
  readonly time: TimeRule
  readonly finality?: Finality
  /** Files of one report that stand differently: the first whose mark is in the path, in the header or in a line before it. */
  readonly versions?: readonly Version[]
  /** Rows say no more of their location than this: what another source of the unit says of it is taken over. */
  readonly joins?: 'location' | 'location_id'
  /** Publication stamp in ms from name, preamble or zip; 0 when unknown. */
  readonly stamp?: (file: FileContext) => number
  /** Copies of one market day are won as a whole, by their last stamp. */
  readonly whole?: boolean
  /** The same feed exists hourly and finer: days with stamps off the hour are `finer`, all others `hourly`. */
  readonly grid?: 'hourly' | 'finer'
  /** The whole feed went from hourly to finer: files tell it together, not each for itself. */
  readonly gridChanged?: boolean
  /** Reports that may share files: several markets, or both grids, of one feed. The published report unless another is named. */
  readonly feed?: string
  /**
   * Delivery days by name: group `day` or `month` says which days the file covers; `window` runs from group `from` to the
   * day before group `to`; `end` says that group `end`, YYYYMMDD[_]HHMM, is the local end of the one interval in the file.
   */
  readonly span?: 'day' | 'month' | 'window' | 'end'
  /** Columns that are known and not needed: any other is reported as new. */
  readonly known?: readonly string[]
  /** Records may be longer or shorter than the header line. */
  readonly ragged?: boolean
  /** Closing text lines may follow the data. */
  readonly trailer?: boolean
  /** Lines carry a tag in the first field (ISO-NE): C comment, H header, D data, T trailer. */
  readonly tagged?: boolean
  /** Greatest |lmp - sum of components| that rounding explains, in $/MWh. */
  readonly tolerance?: number
  readonly note?: string
}

export interface Evidence {
  /** In a folder's or file's name. */
  readonly path: RegExp
  /** Columns that only this market has. */
  readonly columns?: readonly string[]
  /** Words that only this market uses in a column. */
  readonly words?: { readonly column: string; readonly texts: readonly string[] }
}

/** Files that are recognised and not converted, with the reason. */
export interface OutOfScope {
  readonly names?: readonly RegExp[]
  readonly header?: readonly string[]
  /** With `header`: and the first record has one of these texts in that column. */
  readonly first?: { readonly column: string; readonly texts: readonly string[] }
  readonly reason: string
}

export abstract class Converter {
  abstract readonly iso: string
  abstract readonly fullName: string
  /** The market's clock: an IANA zone, or `UTC-5` for a clock without daylight saving. */
  abstract readonly zone: string
  abstract readonly reports: readonly Report[]
  readonly outOfScope: readonly OutOfScope[] = []
  /** Components of one price may come from different files and are won one by one. */
  readonly combine: 'rows' | 'components' = 'rows'
}

/** Lower case without blanks, underscores, hyphens and anything from a bracket on: `LBMP ($/MWHr)` and `lbmp` are one name. */
export function normalise(header: string): string {
  let known = normalised.get(header)
  if (known === undefined) {
    known = normalisedText(header)
    // Header texts are few; cells of unknown files, which pass through here too, are not.
    if (normalised.size > 10_000) normalised.clear()
    normalised.set(header, known)
  }
  return known
}

const normalised = new Map<string, string>()

function normalisedText(header: string): string {
  return header
    .replace(/^(\uFEFF|ï»¿)/, '')
    .replace(/\(.*$/s, '')
    .replace(/[\s_"-]+/g, '')
    .toLowerCase()
}
