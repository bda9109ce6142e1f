/**
 * One leaf partition on its way to disk: collects merged rows into a row group and hands it to the Parquet encoder in the
 * form in which the merge already has them (runs of one series, codes of few instants), so that nothing is discovered twice.
 */
import type { Column, Dataset } from '../model/dataset.js'
import { type Clock, HOUR } from '../shape/clock.js'
import type { Origin } from '../shape/context.js'
import type { Leaf } from '../shape/leaves.js'
import type { Series, Table } from '../shape/table.js'
import { Codes, extend, type Runs } from './gather.js'
import { type ColumnData, ParquetWriter, ROW_GROUP_ROWS, type Value } from './parquet.js'

export interface LeafOptions {
  readonly iso: string
  readonly dataset: Dataset
  readonly clock: Clock
  readonly leaf: Leaf
  readonly series: Series
  readonly origins: readonly Origin[]
  readonly createdBy: string
  readonly compress: (bytes: Uint8Array) => Uint8Array
}

export class LeafFile {
  readonly #writer: ParquetWriter
  readonly #starts: Codes
  readonly #ends: Codes
  readonly #step: number
  #rows = 0
  /** Every end so far is start + nominal length. */
  #nominal = true
  readonly #series = { ids: new Int32Array(ROW_GROUP_ROWS), lengths: new Int32Array(ROW_GROUP_ROWS), runs: 0 }
  readonly #origin = { ids: new Int32Array(ROW_GROUP_ROWS), lengths: new Int32Array(ROW_GROUP_ROWS), runs: 0 }
  readonly #values: Float64Array[]
  /** Which value columns the merged table has at all: the same for every row of a unit. */
  readonly #used: boolean[] = []
  readonly #scratch = new Map<string, Int32Array>()

  constructor(
    readonly options: LeafOptions,
    sink: { write(bytes: Uint8Array): void },
  ) {
    const { dataset, leaf, createdBy, compress } = options
    this.#step = dataset.minutes * 60
    this.#writer = new ParquetWriter(sink, dataset.columns, { createdBy, compress })
    this.#starts = new Codes(leaf.from, leaf.to, this.#step)
    this.#ends = new Codes(leaf.from, leaf.to + this.#step, this.#step)
    this.#values = dataset.columns.filter(each => each.source === 'value').map(() => new Float64Array(ROW_GROUP_ROWS))
  }

  /** Rows in file order; the table may be reused afterwards. */
  append(rows: Table): void {
    for (let from = 0; from < rows.rows; ) {
      const to = Math.min(rows.rows, from + ROW_GROUP_ROWS - this.#rows)
      this.#take(rows, from, to)
      from = to
      if (this.#rows === ROW_GROUP_ROWS) this.#flush()
    }
  }

  finish(keyValue: Readonly<Record<string, string>>): { rows: number; bytes: number; rowGroups: number } {
    if (this.#rows > 0) this.#flush()
    return this.#writer.finish(keyValue)
  }

  #take(rows: Table, from: number, to: number): void {
    const base = this.#rows
    for (let row = from; row < to; row++) {
      const at = base + row - from
      const start = rows.start[row] as number
      this.#starts.add(at, start)
      if (!rows.offGrid) continue
      const end = rows.end[row] as number
      if (!this.#nominal || end - start !== this.#step) this.#offGrid(at, end)
    }
    extend(this.#series, rows.series, from, to)
    extend(this.#origin, rows.origin, from, to)
    for (let k = 0; k < this.#values.length; k++) {
      this.#used[k] ||= rows.used[k] === true
      if (rows.used[k]) (this.#values[k] as Float64Array).set((rows.values[k] as Float64Array).subarray(from, to), base)
    }
    this.#rows = base + to - from
  }

  /** From the first end off the grid on, ends of this row group have codes of their own. */
  #offGrid(at: number, end: number): void {
    if (this.#nominal) {
      this.#nominal = false
      this.#ends.begin()
      for (let row = 0; row < at; row++)
        this.#ends.add(row, (this.#starts.values[this.#starts.codes[row] as number] as number) + this.#step)
    }
    this.#ends.add(at, end)
  }

  #flush(): void {
    const { dataset } = this.options
    let value = 0
    const data = dataset.columns.map((column): ColumnData => {
      switch (column.source) {
        case 'constant':
          return { kind: 'constant', value: this.#constant(column.name) }
        case 'time':
          return this.#time(column.name)
        case 'series':
          return this.#seriesColumn(column)
        case 'origin':
          return this.#originColumn(column.name)
        default:
          return this.#valueColumn(value++)
      }
    })
    this.#writer.writeRowGroup(this.#rows, data)
    this.#rows = this.#series.runs = this.#origin.runs = 0
    this.#nominal = true
    this.#starts.begin()
  }

  #valueColumn(k: number): ColumnData {
    if (!this.#used[k]) return { kind: 'constant', value: null }
    return { kind: 'doubles', values: this.#values[k] as Float64Array }
  }

  #constant(name: string): Value {
    const { iso, dataset } = this.options
    if (name === 'iso') return iso
    return name === 'market' ? dataset.market : dataset.minutes
  }

  #time(name: string): ColumnData {
    const starts = this.#starts.values
    if (name === 'interval_start_utc') return { kind: 'codes', dictionary: starts.slice(), codes: this.#starts.codes }
    if (name === 'interval_end_utc') {
      if (this.#nominal)
        return { kind: 'codes', dictionary: starts.map(start => start + this.#step), codes: this.#starts.codes }
      return { kind: 'codes', dictionary: this.#ends.values.slice(), codes: this.#ends.codes }
    }
    const { clock } = this.options
    if (name === 'interval_start_local') {
      const dictionary = starts.map(start => start + clock.offsetMinutesAt(start) * 60)
      return { kind: 'codes', dictionary, codes: this.#starts.codes }
    }
    return this.#derived(
      name,
      starts.map(start => {
        const day = clock.dayAt(start)
        const hour = Math.floor((start - day.start) / HOUR)
        if (name === 'utc_offset_minutes') return clock.offsetMinutesAt(start)
        if (name === 'delivery_date') return day.day
        if (name === 'delivery_hour') return hour + 1
        // Ordinal of the nominal interval that the start falls into: runs off the grid share it.
        return Math.floor(((start - day.start) % HOUR) / this.#step) + 1
      }),
    )
  }

  /** A column that depends on the instant and has fewer distinct values than there are instants. */
  #derived(name: string, byStart: readonly number[]): ColumnData {
    const dictionary: number[] = []
    const known = new Map<number, number>()
    const map = Int32Array.from(byStart, value => {
      let code = known.get(value)
      if (code === undefined) known.set(value, (code = dictionary.push(value) - 1))
      return code
    })
    if (dictionary.length === 1) return { kind: 'constant', value: dictionary[0] as number }
    const codes = this.#buffer(name)
    const source = this.#starts.codes
    for (let row = 0; row < this.#rows; row++) codes[row] = map[source[row] as number] as number
    return { kind: 'codes', dictionary, codes }
  }

  #seriesColumn(column: Column): ColumnData {
    const { series } = this.options
    const at = series.columns.indexOf(column.name)
    return this.#runs(column.name, this.#series, id => {
      const text = series.tuples[id]?.[at] ?? null
      return text !== null && column.type === 'double' ? Number(text) : text
    })
  }

  #originColumn(name: string): ColumnData {
    const { origins } = this.options
    return this.#runs(name, this.#origin, id => {
      const { finality, report } = origins[id] as Origin
      if (name === 'revision') return finality.revision
      return name === 'is_final' ? finality.final : (report.published ?? report.id)
    })
  }

  #runs(name: string, runs: Runs, textOf: (id: number) => Value): ColumnData {
    const dictionary: Value[] = []
    const known = new Map<Value, number>([[null, -1]])
    const codes = this.#buffer(name)
    for (let run = 0; run < runs.runs; run++) {
      const value = textOf(runs.ids[run] as number)
      let code = known.get(value)
      if (code === undefined) known.set(value, (code = dictionary.push(value) - 1))
      codes[run] = code
    }
    if (dictionary.length === 0) return { kind: 'constant', value: null }
    return { kind: 'runs', dictionary, codes, lengths: runs.lengths, runs: runs.runs }
  }

  #buffer(name: string): Int32Array {
    let buffer = this.#scratch.get(name)
    if (!buffer) this.#scratch.set(name, (buffer = new Int32Array(ROW_GROUP_ROWS)))
    return buffer
  }
}
