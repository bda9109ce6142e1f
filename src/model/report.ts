/**
 * What a converter declares of a report: names, columns with every spelling ever seen, layout, time rule, finality.
 * Everything here is data or a small pure function that runs once per distinct text, per header or per file, never per row.
 */
import type { DatasetId } from './dataset.js'
import type { FileContext, Layout, Wanted } from './layout.js'

export type * from './layout.js'

/** What a time text means: an instant, or (until row order decides) two. */
export interface Resolved {
  /** Interval start, seconds since 1970 UTC; NaN when `error` says why not. */
  readonly start: number
  /** True interval end where it is off the grid; else start + nominal minutes. */
  readonly end?: number
  /** Wall clock in seconds, for rules in which row order decides. */
  readonly wall?: number
  /** The second instant of a repeated wall time; infinite where nothing tells the two apart and one is all that may come. */
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
  /** The stamp is the end of an interval of nominal length: for feeds that exist in two grids, whether it is off the hour counts. */
  readonly edge?: 'end'
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
  /** Which location it is stands in the path only: without a match the file is refused with the reason. */
  readonly inPath?: { readonly text: RegExp; readonly reason: string }
  /** Cells of the header without a name: exactly so many, before all others; or none, where every column is named. */
  readonly unnamed?: number
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
  /** The file of a running day ends in advisory runs: this report leaves them to a sibling, or takes nothing else (runs.ts). */
  readonly advisory?: 'leave' | 'take'
  /** The same feed exists hourly and finer: days with stamps off the hour are `finer`, all others `hourly`. */
  readonly grid?: 'hourly' | 'finer'
  /** A published name is believed; by its content a file is hourly only from two hours on: one may be an interval at hh:00. */
  readonly gridSure?: boolean
  /** The whole feed went from hourly to finer: files tell it together, not each for itself. */
  readonly gridChanged?: boolean
  /** Reports that may share files: several markets, or both grids, of one feed. The published report unless another is named. */
  readonly feed?: string
  /**
   * Delivery days by name: group `day` or `month` says which days the file covers; `window` runs from group `from` to the
   * day before group `to`, on a clock that may be ahead of the market's, so that the last hours of the day before belong to
   * it, too; `end` says that group `end`, YYYYMMDD[_]HHMM, is the local end of the one interval in the file.
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
  /** Records at which the publisher cuts an answer: a file of exactly so many is probably not the whole of it. */
  readonly page?: number
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
  /** Only what no report takes: one of them has this header, too. */
  readonly last?: boolean
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
