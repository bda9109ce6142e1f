/** A sealed run: the rows of one batch in the order of the file (leaf, series, start), ready to be merged with others. */
import type { Leaves } from '../shape/leaves.js'
import type { Series, Table } from '../shape/table.js'

/** Columns of rows in file order. Lengths of the arrays may exceed `rows`. */
export interface Rows {
  readonly rows: number
  readonly series: Int32Array
  readonly start: Uint32Array
  /** Null where every interval has its nominal length. */
  readonly end: Uint32Array | null
  readonly origin: Int32Array
  /** Null where no row was joined from components. */
  readonly mask: Uint8Array | null
  /** Null where no row has such a value. */
  readonly values: readonly (Float64Array | null)[]
}

/** Sorts tables; its buffers serve one after the other. */
export class Sorter {
  #buckets = new Int32Array(0)
  #order = new Uint32Array(0)

  constructor(
    readonly series: Series,
    readonly leaves: Leaves,
  ) {}

  /** Row numbers by leaf, series and start; rows that are equal in all three keep their order. Valid until the next call. */
  sort(table: Table): Uint32Array {
    const { series, leaves } = this
    const { rows } = table
    if (this.#order.length < rows) {
      this.#buckets = new Int32Array(rows)
      this.#order = new Uint32Array(rows)
    }
    const rankOf = series.groups.ranks()
    const keys = series.groups.size
    const several = leaves.wanted.length > 1
    const buckets = this.#buckets
    const counts = new Int32Array(keys * Math.max(1, leaves.wanted.length) + 1)
    for (let row = 0; row < rows; row++) {
      let bucket = rankOf[table.series[row] as number] as number
      if (several) bucket += keys * (leaves.met[leaves.at(table.start[row] as number)]?.wanted ?? 0)
      buckets[row] = bucket
      counts[bucket + 1] = (counts[bucket + 1] as number) + 1
    }
    for (let bucket = 1; bucket < counts.length; bucket++)
      counts[bucket] = (counts[bucket] as number) + (counts[bucket - 1] as number)
    const order = this.#order.subarray(0, rows)
    const next = counts.slice()
    for (let row = 0; row < rows; row++) {
      const bucket = buckets[row] as number
      const at = next[bucket] as number
      order[at] = row
      next[bucket] = at + 1
    }
    if (!inTimeOrder(table))
      for (let bucket = 0; bucket + 1 < counts.length; bucket++)
        ascending(order, table.start, counts[bucket] as number, counts[bucket + 1] as number)
    return order
  }
}

/** Room for so many rows of a table's columns. */
export function roomFor(table: Table, rows: number): Rows {
  return {
    rows,
    series: new Int32Array(rows),
    start: new Uint32Array(rows),
    end: table.offGrid ? new Uint32Array(rows) : null,
    origin: new Int32Array(rows),
    mask: table.joined ? new Uint8Array(rows) : null,
    values: table.used.map(used => (used ? new Float64Array(rows) : null)),
  }
}

/** Copies of the columns in another order, put into `into`, which has room for them. */
export function inOrder(table: Table, order: Uint32Array, into = roomFor(table, order.length)): Rows {
  permuted(table.series, order, into.series)
  permuted(table.start, order, into.start)
  permuted(table.origin, order, into.origin)
  if (into.end) permuted(table.end, order, into.end)
  if (into.mask) permuted(table.mask, order, into.mask)
  into.values.forEach((column, k) => {
    if (column) permuted(table.values[k] as Float64Array, order, column)
  })
  return { ...into, rows: order.length }
}

/** The columns as they are: views on the table, valid until it changes. */
export function rowsOf(table: Table): Rows {
  const { rows } = table
  return {
    rows,
    series: table.series.subarray(0, rows),
    start: table.start.subarray(0, rows),
    end: table.offGrid ? table.end.subarray(0, rows) : null,
    origin: table.origin.subarray(0, rows),
    mask: table.joined ? table.mask.subarray(0, rows) : null,
    values: table.values.map((column, k) => (table.used[k] ? column.subarray(0, rows) : null)),
  }
}

/** The table's rows by start; rows of one start keep their order. Valid until the table changes. */
export function inStartOrder(table: Table): Rows {
  if (inTimeOrder(table)) return rowsOf(table)
  const order = Uint32Array.from({ length: table.rows }, (_, row) => row)
  ascending(order, table.start, 0, table.rows)
  return inOrder(table, order)
}

/** Reports that list all locations hour by hour need no sorting by time at all. */
function inTimeOrder(table: Table): boolean {
  const { start, rows } = table
  for (let row = 1; row < rows; row++) if ((start[row] as number) < (start[row - 1] as number)) return false
  return true
}

/** Files mostly come in time order, so a check is enough; else a stable sort of the stretch by start, then by `key`. */
export function ascending(
  order: Uint32Array,
  start: Uint32Array,
  from: number,
  to: number,
  key?: (row: number) => number,
): void {
  for (let k = from + 1; k < to; k++) {
    const here = start[order[k] as number] as number
    const before = start[order[k - 1] as number] as number
    if (here > before || (here === before && !key)) continue
    const sorted = Array.from(order.subarray(from, to)).sort(
      (a, b) => (start[a] as number) - (start[b] as number) || (key ? key(a) - key(b) : 0),
    )
    order.set(sorted, from)
    return
  }
}

function permuted<T extends Int32Array | Uint32Array | Float64Array | Uint8Array>(
  source: T,
  order: Uint32Array,
  into: T,
): void {
  for (let k = 0; k < order.length; k++) into[k] = source[order[k] as number] as number
}

/** Bytes of the table's rows as a run. */
export function runBytes(table: Table): number {
  const values = table.used.filter(used => used).length
  return table.rows * (12 + (table.offGrid ? 4 : 0) + (table.joined ? 1 : 0) + 8 * values)
}
