/** What a merge knows of the documents that were read, and what it counts. */
import type { Doubts } from '../shape/order.js'
import type { Rejection } from '../shape/rejection.js'
import type { Judgement } from './winner.js'

/** Two prices of one key between which no fact decides. */
export interface Conflict {
  readonly series: number
  readonly start: number
  /** Value column. */
  readonly column: number
  readonly kept: { readonly origin: number; readonly value: number }
  readonly beaten: { readonly origin: number; readonly value: number }
}

export interface LeafCounts {
  written: number
  duplicateIdentical: number
  superseded: number
  /** Rows that lost to another of equal standing with other prices. */
  conflicting: number
  /** The first of them. */
  readonly conflicts: Conflict[]
  /** Rows of documents that could not be read to their end, and rows whose time is doubtful. */
  failed: number
  /** Rows that another data set takes: of the other grid, or of advisory runs. */
  elsewhere: number
  /** Partial rows that became one with another: they were counted as read once too often. */
  joined: number
}

export interface MergeRules {
  readonly judgement: Judgement
  readonly combine: 'rows' | 'components'
  /** Value columns by which a loser is a duplicate or another price: the prices, not the quantities beside them. */
  readonly compared: readonly number[]
  /** Of these, columns that many documents lack: nothing said is no other price. */
  readonly optional: readonly number[]
  /** Number of value columns. */
  readonly values: number
  /** Column without which a row is none, but says that there is no price; -1 where a row without price is one. */
  readonly priced: number
  /** Per origin: bits of the components that make a row whole; 0 where a row has all that its document has. */
  readonly whole: Uint8Array
  /** Ends follow from the next start: the table needs the column. */
  readonly untilNext: boolean
  /** Value columns that are derived after merging: the table needs them. */
  readonly derived: readonly number[]
  /** False for rows that another data set takes. */
  readonly belongs: ((origin: number, start: number, end: number) => boolean) | undefined
  /** Start of a run that its document stamps with the end; undefined where rows have their true start. */
  readonly startOf: ((origin: number, end: number) => number | undefined) | undefined
  /** Per origin: rows of a repeated hour that came once only. */
  readonly doubts: readonly (Doubts | undefined)[] | undefined
  /** A row that nothing settled goes to quarantine. */
  readonly quarantine: (origin: number, start: number, rejection: Rejection) => void
}

export function newCounts(): LeafCounts {
  return {
    written: 0,
    duplicateIdentical: 0,
    superseded: 0,
    conflicting: 0,
    conflicts: [],
    failed: 0,
    elsewhere: 0,
    joined: 0,
  }
}
