/** How a report's records become rows: which columns are wanted and how they lie. Data, and pure functions of distinct texts. */
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

/** `undefined`: this record has no row of this kind (in this lane). `null`: the value is missing. */
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
  /** Rounded to that many decimals. */
  readonly decimals?: number
  /** Counts only in records in which this column, which another cell reads, holds a number. */
  readonly beside?: Wanted
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
  /** Records that are known and no rows, by a text: any other record that gives no row is rejected. */
  readonly nothing?: { readonly cell: Cell; readonly texts: RegExp }
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
  /**
   * Rows of one market in a file of several: `take` these texts, `leave` those (or all others) to a sibling report, or to nobody: then
   * they are counted and named; reject any other.
   */
  readonly only?: {
    readonly cell: Cell
    readonly take: readonly string[]
    readonly leave: readonly string[] | 'others'
  }
  readonly current?: Wanted
  readonly version?: Wanted
  /** When the row itself was published or corrected, on the market's clock: of two rows of one key the later counts. */
  readonly corrected?: Wanted
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
