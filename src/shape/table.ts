/**
 * Where rows land: typed columns that grow, one number per cell. A row is a series (which location or product), an instant, an
 * origin (which document) and its values; every text stands once in `Series`.
 */
import { columnsFrom, type Dataset } from '../model/dataset.js'

/** Distinct texts of some series columns, numbered, with their rank in the order of the file. */
class Identities {
  /** Identity number of each series. */
  readonly of: number[] = []
  readonly #texts: (readonly (string | null)[])[] = []
  readonly #ids = new Map<string, number>()

  constructor(readonly columns: readonly number[]) {}

  get size(): number {
    return this.#texts.length
  }

  add(tuple: readonly (string | null)[]): void {
    const identity = this.columns.map(at => tuple[at] ?? null)
    const text = JSON.stringify(identity)
    let id = this.#ids.get(text)
    if (id === undefined) {
      id = this.#texts.push(identity) - 1
      this.#ids.set(text, id)
    }
    this.of.push(id)
  }

  /** Rank of each series' identity: null first, then by the bytes of the UTF-8 text. */
  ranks(): Int32Array {
    const encoded = this.#texts.map(identity => identity.map(text => (text === null ? null : Buffer.from(text))))
    const order = [...encoded.keys()].sort((a, b) => compare(encoded[a] ?? [], encoded[b] ?? []))
    const ranks = new Int32Array(order.length)
    order.forEach((id, rank) => {
      ranks[id] = rank
    })
    return Int32Array.from(this.of, id => ranks[id] as number)
  }
}

/** Distinct series (locations, products) as tuples of texts, numbered in order of appearance. */
export class Series {
  /** Texts of each series, in the order of the data set's series columns. */
  readonly tuples: (readonly (string | null)[])[] = []
  readonly columns: readonly string[]
  /** Groups that the file is sorted by: one location, or one region and product. */
  readonly groups: Identities
  /** What identifies a row together with its instant; several keys may share a group. */
  readonly keys: Identities
  /** What tells two rows of one key in one document apart. */
  readonly names: Identities
  readonly #ids = new Map<string, number>()

  constructor(dataset: Dataset) {
    this.columns = columnsFrom(dataset, 'series')
    const positions = (names: readonly string[]) => names.map(name => this.columns.indexOf(name))
    this.groups = new Identities(positions(dataset.sort))
    this.keys = new Identities(
      positions([...dataset.sort, ...dataset.key.filter(name => !dataset.sort.includes(name))]),
    )
    this.names = new Identities(positions(dataset.distinguishes))
  }

  id(tuple: readonly (string | null)[]): number {
    const text = JSON.stringify(tuple)
    let id = this.#ids.get(text)
    if (id === undefined) {
      id = this.tuples.push(tuple) - 1
      this.#ids.set(text, id)
      this.groups.add(tuple)
      this.keys.add(tuple)
      this.names.add(tuple)
    }
    return id
  }
}

function compare(a: readonly (Buffer | null)[], b: readonly (Buffer | null)[]): number {
  for (let k = 0; k < a.length; k++) {
    const one = a[k]
    const two = b[k]
    if (one == null || two == null) {
      if (one == null && two == null) continue
      return one == null ? -1 : 1
    }
    const difference = Buffer.compare(one, two)
    if (difference !== 0) return difference
  }
  return 0
}

/** `mask` of a row that has all of its values, and the bit of one of which a component could not be read. */
export const WHOLE = 127
export const SPOILED = 128

/** Rows that one window of text may add after the last look at the count. */
const SLACK = 1 << 14

export class Table {
  rows = 0
  /** Some intervals end elsewhere than at start + nominal length: only then `end` counts. */
  offGrid = false
  /** Some rows are joined from components: only then `mask` counts. */
  joined = false
  /** Value columns that some row has a value in. */
  readonly used: boolean[]
  series = new Int32Array(0)
  /** Interval start and end, seconds since 1970. */
  start = new Uint32Array(0)
  end = new Uint32Array(0)
  origin = new Int32Array(0)
  /** Which values were set, one bit each: tells an empty cell from one that never came. Only joined rows use it. */
  mask = new Uint8Array(0)
  readonly values: Float64Array[]
  #capacity = 0
  #expected = Number.POSITIVE_INFINITY

  constructor(valueColumns: number) {
    this.values = Array.from({ length: valueColumns }, () => new Float64Array(0))
    this.used = this.values.map(() => false)
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Bytes held by one row. */
  get rowBytes(): number {
    return 17 + 8 * this.values.length
  }

  /** About so many rows will come before it is cleared: doubling stops there. */
  expect(rows: number): void {
    this.#expected = rows + SLACK
  }

  /** Makes sure that the row at index `rows` can be written. */
  reserve(): void {
    if (this.rows < this.#capacity) return
    const doubled = Math.max(1 << 14, this.#capacity * 2)
    const { rows } = this
    this.#capacity = doubled > this.#expected ? Math.max(this.#expected, Math.ceil(rows * 1.25)) : doubled
    this.series = grown(this.series, new Int32Array(this.#capacity))
    this.start = grown(this.start, new Uint32Array(this.#capacity))
    this.end = grown(this.end, new Uint32Array(this.#capacity))
    this.origin = grown(this.origin, new Int32Array(this.#capacity))
    this.mask = grown(this.mask, new Uint8Array(this.#capacity))
    this.values.forEach((column, k) => {
      // Markets differ in what they publish: a column that nobody fills is not there.
      if (this.used[k]) this.values[k] = grown(column, new Float64Array(this.#capacity))
    })
  }

  /** Value column k will be written from now on; the rows so far have none. */
  use(k: number): void {
    if (this.used[k]) return
    this.values[k] = new Float64Array(this.#capacity).fill(Number.NaN, 0, this.rows)
    this.used[k] = true
  }

  /** Makes sure that `count` more rows fit. */
  makeRoom(count: number): void {
    const held = this.rows
    while (this.#capacity < held + count) {
      this.rows = this.#capacity
      this.reserve()
    }
    this.rows = held
  }

  clear(): void {
    this.rows = 0
  }
}

function grown<T extends Int32Array | Uint32Array | Float64Array | Uint8Array>(old: T, bigger: T): T {
  bigger.set(old as never)
  return bigger
}

/** Finds the row that a component belongs to: open addressing over (series, start) of one document's rows. */
export class JoinIndex {
  #slots = new Int32Array(1 << 12)
  #count = 0

  constructor(readonly table: Table) {}

  clear(): void {
    this.#slots.fill(0)
    this.#count = 0
  }

  /**
   * Row of (series, start) in which `bit` is not yet set; a new row, all values missing, when there is none. A component that
   * comes twice therefore makes a second candidate row, which the winner rule judges later.
   */
  row(series: number, start: number, end: number, origin: number, bit: number): number {
    const { table } = this
    if (this.#count * 2 >= this.#slots.length) this.#grow()
    const mask = this.#slots.length - 1
    let slot = hash(series, start) & mask
    for (;;) {
      const row = (this.#slots[slot] as number) - 1
      if (row < 0) break
      if (table.series[row] === series && table.start[row] === start && ((table.mask[row] as number) & bit) === 0) {
        table.mask[row] = (table.mask[row] as number) | bit
        return row
      }
      slot = (slot + 1) & mask
    }
    table.reserve()
    // Rows that came before the first joined one are whole, each of them.
    if (!table.joined) table.mask.fill(WHOLE, 0, table.rows)
    const row = table.rows++
    table.joined = true
    table.series[row] = series
    table.start[row] = start
    table.end[row] = end
    table.origin[row] = origin
    table.mask[row] = bit
    for (let k = 0; k < table.values.length; k++) if (table.used[k]) (table.values[k] as Float64Array)[row] = Number.NaN
    this.#slots[slot] = row + 1
    this.#count++
    return row
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 4)
    const mask = this.#slots.length - 1
    for (const entry of old) {
      if (entry === 0) continue
      let slot = hash(this.table.series[entry - 1] as number, this.table.start[entry - 1] as number) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = entry
    }
  }
}

function hash(series: number, start: number): number {
  const mixed = Math.imul(series, 0x9e3779b1) ^ Math.imul(start, 0x85ebca77)
  return mixed ^ (mixed >>> 15)
}
