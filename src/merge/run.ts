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

/** Sorts a table's rows by leaf, series and start. Rows that are equal in all three keep their order. */
export function seal(table: Table, series: Series, leaves: Leaves): Rows {
  const { rows } = table
  const rankOf = series.groups.ranks()
  const keys = series.groups.size
  const several = leaves.wanted.length > 1
  const buckets = new Int32Array(rows)
  const counts = new Int32Array(keys * Math.max(1, leaves.wanted.length) + 1)
  for (let row = 0; row < rows; row++) {
    let bucket = rankOf[table.series[row] as number] as number
    if (several) bucket += keys * (leaves.met[leaves.at(table.start[row] as number)]?.wanted ?? 0)
    buckets[row] = bucket
    counts[bucket + 1] = (counts[bucket + 1] as number) + 1
  }
  for (let bucket = 1; bucket < counts.length; bucket++)
    counts[bucket] = (counts[bucket] as number) + (counts[bucket - 1] as number)
  const order = new Uint32Array(rows)
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
  return {
    rows,
    series: permuted(table.series, order, new Int32Array(rows)),
    start: permuted(table.start, order, new Uint32Array(rows)),
    end: table.offGrid ? permuted(table.end, order, new Uint32Array(rows)) : null,
    origin: permuted(table.origin, order, new Int32Array(rows)),
    mask: table.joined ? permuted(table.mask, order, new Uint8Array(rows)) : null,
    values: table.values.map((column, k) => (table.used[k] ? permuted(column, order, new Float64Array(rows)) : null)),
  }
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
): T {
  for (let k = 0; k < order.length; k++) into[k] = source[order[k] as number] as number
  return into
}

export function bytesOf(run: Rows): number {
  const values = run.values.filter(column => column !== null).length
  return run.rows * (12 + (run.end ? 4 : 0) + (run.mask ? 1 : 0) + 8 * values)
}
