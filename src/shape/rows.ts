/** Layout "rows": one record is one row, or one per product. The hot path: no strings, no objects, each byte once. */

import { LEFT, NO_ROW, REJECTED } from './compile.js'
import { decimal, INVALID, roundTo, status } from './decimal.js'
import { Reader } from './reader.js'
import { SignDetector } from './sign.js'
import { WHOLE } from './table.js'

/** Advisory runs end on quarters of an hour. */
const QUARTER = 900

export class RowsReader extends Reader {
  readonly #sign =
    this.source.report.layout.kind === 'rows' && this.source.report.layout.detectSign
      ? new SignDetector(this.context.table, this.context.valueColumns)
      : undefined
  /** An ancillary row without a price is no row, though its empty cell says that there is none. */
  readonly #price = this.context.valueColumns.indexOf('price')

  read(): void {
    const { scanner } = this
    while (!this.next && scanner.next()) if (this.isData()) this.#record()
  }

  #record(): void {
    const { scanner, compiled, source } = this
    const entry = compiled.series.id(scanner, this.file)
    const lanes = compiled.lanes.length
    // Row order is told per location and version: a superseded row beside the current one is no repeated hour.
    this.origin = this.originOf()
    if (!this.locate(this.#anySeries(entry * lanes, lanes))) return
    if (source.report.grid) this.#noteGrid()
    this.release()
    if (source.report.advisory === 'take' && this.end % QUARTER !== 0) {
      this.leave('dispatch runs')
      return
    }
    for (let lane = 0; lane < lanes; lane++) {
      const series = compiled.series.ids[entry * lanes + lane] as number
      if (series >= 0) this.#lane(series, lane)
      else if (series === REJECTED) this.#rejected(entry)
      else if (series === LEFT) this.leave(compiled.series.reasons.get(entry)?.reason ?? '')
      else if (series !== NO_ROW) throw new Error(`series ${series}`)
    }
  }

  /** The first lane's series that is one. */
  #anySeries(from: number, lanes: number): number {
    const { ids } = this.compiled.series
    for (let lane = 0; lane < lanes; lane++) if ((ids[from + lane] as number) >= 0) return ids[from + lane] as number
    return -1
  }

  #noteGrid(): void {
    const { day } = this.context.clock.dayAt(this.start)
    this.source.days.add(day)
    const stamp = this.compiled.time.rule.edge === 'end' ? this.end : this.start
    if (stamp % 3600 !== 0) this.source.finerDays.add(day)
  }

  #lane(series: number, lane: number): void {
    const { scanner, context, compiled } = this
    const { table } = context
    table.reserve()
    const row = table.rows
    const values = (compiled.lanes[lane] as (typeof compiled.lanes)[number]).values
    const bytes = scanner.bytes
    let mask = 0
    for (let k = 0; k < values.length; k++) {
      if (!table.used[k]) continue
      const cell = values[k]
      let value = Number.NaN
      if (cell) {
        const { slots } = cell
        for (let a = 0; a < slots.length; a++) {
          const slot = slots[a] as number
          value = decimal(bytes, scanner.from[slot] as number, scanner.to[slot] as number)
          if (!Number.isNaN(value)) break
          if (status.last === INVALID) {
            const at = compiled.slots.header.cells[compiled.slots.columns[slot] as number] ?? ''
            this.reject('number.invalid', at, `not a number: "${scanner.text(slot)}"`, this.start)
            return
          }
        }
        const { beside } = cell
        if (beside >= 0 && Number.isNaN(decimal(bytes, scanner.from[beside] as number, scanner.to[beside] as number)))
          value = Number.NaN
        if (cell.negated) value = 0 - value
        if (cell.decimals >= 0) value = roundTo(value, cell.decimals)
        if (Number.isNaN(value)) this.source.emptyCells++
      }
      if (!Number.isNaN(value)) mask |= 1 << k
      ;(table.values[k] as Float64Array)[row] = value
    }
    this.#sign?.look(row)
    const priced = this.#price < 0 || (mask & (1 << this.#price)) !== 0
    if (!(priced ? this.counted() : this.uncounted())) return
    table.series[row] = series
    table.start[row] = this.start
    table.end[row] = this.end
    table.origin[row] = this.origin
    if (table.joined) table.mask[row] = context.combine === 'components' ? mask : WHOLE
    table.rows = row + 1
  }

  #rejected(entry: number): void {
    const why = this.compiled.series.reasons.get(entry)
    this.reject('field.invalid', why?.column ?? '', why?.reason ?? 'not a row of this report', this.start)
  }
}
