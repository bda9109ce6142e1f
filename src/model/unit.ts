/** What a unit of work is, what it reports back, and what a receipt says. All plain JSON: units cross process borders. */
import type { PartitionKey } from './partition.js'

/** One readable input as one report reads it. */
export interface UnitSource {
  /** Tells apart even two entries of one name in one zip. */
  readonly key: string
  /** As the container reader needs it (read/members.ts). */
  readonly member: unknown
  /** Path below the input folder, zip entries joined by ` > `. */
  readonly display: string
  readonly report: string
  /** The published name alone says which report it is. */
  readonly named: boolean
  readonly size: number
  /** Modification time of the file on disk, ms. */
  readonly mtime: number
  readonly groups: Readonly<Record<string, string | undefined>>
  readonly memberTime: number
  /** Members that carry components of the same rows share one document. */
  readonly document: string
  /** About when its rows begin, seconds since 1970. */
  readonly first: number
  /** Leaves that it is expected to reach. */
  readonly leaves: readonly PartitionKey[]
  /** The leaf in whose quarantine records without an instant stand. */
  readonly home: PartitionKey
}

/** Independent of every other unit: some leaves of one data set, and all that is known to reach them. */
export interface Unit {
  readonly iso: string
  readonly dataset: string
  readonly leaves: readonly PartitionKey[]
  readonly sources: readonly UnitSource[]
  /** Digest of what the leaves depend on, per leaf: equal to the receipt's when nothing changed. */
  readonly fingerprints: Readonly<Record<PartitionKey, string>>
  /** Locations of the market, where sources of the unit need them: tuples of the series columns without a market run. */
  readonly locations?: readonly (readonly (string | null)[])[]
}

export interface UnitOptions {
  readonly input: string
  readonly output: string
  readonly batchFiles: number
  readonly maxInFlight: number
  /** Bytes that the unit may hold in rows; beyond that runs are spilled. */
  readonly memory: number
  readonly tmpDir: string
}

/** A file that could not be read to its end, or was left out for a reason. */
export interface Problem {
  readonly file: string
  readonly code: string
  readonly message: string
}

export interface ReceiptInput {
  readonly path: string
  readonly entry: string
  readonly bytes: number
  readonly mtime: string
  readonly sha256: string
  readonly report: string
}

export interface Counts {
  readonly read: number
  readonly written: number
  readonly duplicate_identical: number
  readonly superseded: number
  /** Rows that lost to another with other prices, and no fact of the documents decided between the two. */
  readonly conflicting: number
  readonly quarantined: number
  /** Rows of another market or run in the same files. */
  readonly other_market: number
  readonly outside_partition: number
  readonly empty_cells: number
}

/** Two prices of one key between which no fact decides, and where each of them stands. */
export interface ConflictNote {
  readonly interval_start_utc: string
  /** Series columns that are not null. */
  readonly series: Readonly<Record<string, string>>
  readonly column: string
  readonly kept: { readonly value: number | null; readonly file: string }
  readonly beaten: { readonly value: number | null; readonly file: string }
}

export interface Receipt {
  readonly schema_version: number
  readonly tool_version: string
  readonly iso: string
  readonly dataset: string
  readonly partition: PartitionKey
  readonly fingerprint: string
  readonly file: {
    readonly path: string
    readonly bytes: number
    readonly rows: number
    readonly sha256: string
  } | null
  readonly inputs: readonly ReceiptInput[]
  readonly counts: Counts
  /** The first of the conflicting rows. */
  readonly conflicts: readonly ConflictNote[]
  /** Digest of the contents that rows came from, whatever their names. */
  readonly inputs_digest: string
  /** Words of the rows counted as `other_market`. */
  readonly other_markets: readonly string[]
  readonly first: string | null
  readonly last: string | null
  readonly locations: number
  readonly coverage: Readonly<Record<string, { expected: number; present: number; missing?: string[] }>>
  readonly prices: Readonly<Record<string, { min: number | null; max: number | null; nulls: number }>>
  readonly component_mismatch: number
  readonly unknown_columns: readonly string[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  readonly timing: { readonly seconds: number; readonly peak_rss_mb: number }
}

/** What a unit found of a source beyond its rows: the plan is corrected with it. */
export interface SourceFinding {
  readonly key: string
  readonly display: string
  readonly report: string
  /** Every leaf that it holds rows of, with the number of candidate rows. */
  readonly leaves: Readonly<Record<PartitionKey, number>>
  /** Rows were left to sibling reports: another market, or another grid. */
  readonly siblings: readonly string[]
  /** Delivery days of these rows. */
  readonly siblingDays: readonly string[]
  readonly empty: boolean
}

/** A location, or a region and product, that a unit has written, with its first and last delivery date. */
export interface SeenSeries {
  readonly tuple: readonly (string | null)[]
  readonly first: string
  readonly last: string
}

export interface UnitResult {
  /** In the order of the data set's series columns. */
  readonly series: readonly SeenSeries[]
  readonly receipts: readonly Receipt[]
  readonly findings: readonly SourceFinding[]
  readonly problems: readonly Problem[]
  readonly seconds: number
  readonly peakRss: number
  readonly spilledRuns: number
}

export type Progress =
  | {
      readonly kind: 'batch'
      readonly iso: string
      readonly batch: number
      readonly from: number
      readonly to: number
      readonly of: number
    }
  | { readonly kind: 'bytes'; readonly bytes: number; readonly rows: number }
  /** Rows were merged and written. */
  | { readonly kind: 'written' }
