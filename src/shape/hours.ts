/**
 * Layout "hours across": one record holds a whole day, one cell (or one group of cells) per hour; with a component column, the
 * components of an hour stand in records far apart and are joined.
 */
import { InputError } from '../model/errors.js'
import type { HoursLayout } from '../model/report.js'
import { headerCells, hourColumns } from '../read/header.js'
import { parseDay } from './clock.js'
import { REJECTED } from './compile.js'
import { decimal, INVALID, status } from './decimal.js'
import { Reader } from './reader.js'
import { SPOILED, WHOLE } from './table.js'

const OUTSIDE = -2

export class HoursReader extends Reader {
  readonly #layout = this.source.report.layout as HoursLayout
  readonly #hours = this.#hourSlots()
  readonly #daySlot = this.#layout.day ? this.compiled.slots.of(this.#layout.day) : -1
  readonly #columns = this.#layout.values.map(name => this.context.valueColumns.indexOf(name))
  readonly #price = this.context.valueColumns.indexOf('price')
  readonly #starts = new Map<string, readonly number[]>()
  readonly #fileDay = this.#daySlot < 0 ? this.#dayOfFile() : Number.NaN

  read(): void {
    const { scanner } = this
    const { skip } = this.#layout
    while (!this.next && scanner.next()) if (!skip?.test(scanner.raw(400)) && this.isData()) this.#record()
  }

  /** Slots of each hour, one per value of the layout. */
  #hourSlots(): { label: string; slots: readonly number[] }[] {
    const { slots } = this.compiled
    return hourColumns(this.#layout, slots.header).map(({ label, at }) => ({
      label,
      slots: at.map(each => slots.at(each)),
    }))
  }

  /** The date inside the file beats the one in its name. */
  #dayOfFile(): number {
    const { file } = this
    const { warnings } = this.source
    const named = parseDay(file.groups.day ?? '')
    for (const cells of file.preamble)
      for (const cell of cells) {
        const day = parseDay(cell)
        if (Number.isNaN(day)) continue
        if (!Number.isNaN(named) && named !== day) warnings.add(`the date inside (${cell}) is not the date in the name`)
        return day
      }
    if (Number.isNaN(named))
      throw new InputError('time.no_day', 'no market day in the lines before the header nor in the file name', {
        file: this.source.display,
      })
    return named
  }

  #startsOf(day: number): readonly number[] {
    const key = String(day)
    const known = this.#starts.get(key)
    if (known) return known
    const rule = this.source.report.time
    const starts = this.#hours.map(({ label }) => rule.hourStart?.(day, label) ?? Number.NaN)
    this.#starts.set(key, starts)
    return starts
  }

  #record(): void {
    const { scanner, compiled } = this
    const entry = compiled.series.id(scanner, this.file)
    const series = compiled.series.ids[entry] as number
    if (series === REJECTED) {
      if (this.isHeader()) return
      const why = compiled.series.reasons.get(entry)
      this.reject('field.invalid', why?.column ?? '', why?.reason ?? '')
      return
    }
    if (series < 0) return
    let day = this.#fileDay
    if (this.#daySlot >= 0) {
      day = parseDay(scanner.text(this.#daySlot))
      if (Number.isNaN(day)) {
        if (!this.isHeader()) this.reject('time.unreadable', 'day', `no date in "${scanner.text(this.#daySlot)}"`)
        return
      }
    }
    if (this.#isTitle()) {
      this.reject('field.invalid', '', 'a line of text without any value')
      return
    }
    this.release()
    const starts = this.#startsOf(day)
    const component = this.#layout.component ? (compiled.series.component[entry] as number) : -1
    for (let h = 0; h < starts.length; h++) if (!this.#hour(h, starts[h] as number, series, component)) return
  }

  /** A title or a date that a spreadsheet has padded with separators: no number in any hour, and no component named. */
  #isTitle(): boolean {
    const { scanner, compiled } = this
    // Nearly every record: its first hour begins with a digit or a sign.
    const first = scanner.bytes[scanner.from[this.#hours[0]?.slots[0] ?? 0] as number] as number
    if ((first >= 48 && first <= 57) || first === 45) return false
    const noNumber = (slot: number) =>
      slot < 0 || !/\d/.test(scanner.text(slot)) || Number.isNaN(Number(scanner.text(slot)))
    if (!this.#hours[0]?.slots.every(noNumber) || !compiled.valueSlots.every(noNumber)) return false
    const { component } = this.#layout
    if (component) return scanner.text(compiled.slots.of(component.wanted)).trim() === ''
    return headerCells(scanner.raw(1 << 16)).filter(cell => cell.trim() !== '').length < 2
  }

  /** False when the record is a header of another table. */
  #hour(hour: number, start: number, series: number, component: number): boolean {
    const { scanner, context } = this
    const { slots, label } = this.#hours[hour] as { label: string; slots: readonly number[] }
    const bit = component >= 0 ? 1 << component : WHOLE
    let row = -1
    for (let k = 0; k < slots.length; k++) {
      const slot = slots[k] as number
      // A short record does not say that the hours it lacks have no price.
      if ((this.compiled.slots.columns[slot] as number) >= scanner.fields) continue
      const value = decimal(scanner.bytes, scanner.from[slot] as number, scanner.to[slot] as number)
      const invalid = Number.isNaN(value) && status.last === INVALID
      if (invalid && this.isHeader()) return false
      const empty = Number.isNaN(value) && !invalid
      if (empty) this.source.emptyCells++
      if (Number.isNaN(start)) {
        if (empty) continue
        this.reject('time.nonexistent', `hour ${label}`, `hour ending ${label} does not exist on that day`)
        return true
      }
      if (row === -1) row = this.#row(series, start, bit, empty && this.#price >= 0)
      if (row === OUTSIDE) return true
      if (invalid) this.#spoil(row, `hour ${label}`, `not a number: "${scanner.text(slot)}"`)
      else
        (context.table.values[component >= 0 ? component : (this.#columns[k] as number)] as Float64Array)[row] = value
    }
    return true
  }

  /** The row of this hour counts as quarantined, whatever its other components are. */
  #spoil(row: number, column: string, reason: string): void {
    const { table } = this.context
    table.mask[row] = (table.mask[row] as number) | SPOILED
    this.quarantine('number.invalid', column, reason, this.start)
  }

  /** Row of this hour, counted if it is new; OUTSIDE when another unit writes it. */
  #row(series: number, start: number, bit: number, empty: boolean): number {
    const { context } = this
    const { table } = context
    this.start = start
    this.end = start + this.minutes * 60
    const leaf = context.leaves.at(start)
    if ((context.leaves.met[leaf]?.wanted ?? -1) < 0) {
      if (bit & 1 && !empty) this.counted()
      else this.source.perLeaf[leaf] ??= 0
      return OUTSIDE
    }
    this.source.records++
    const before = table.rows
    const row = context.join.row(series, start, this.end, this.defaultOrigin, bit)
    if (row !== before) return row
    if (empty) this.uncounted()
    else this.counted()
    return row
  }

  /** Reports of several tables repeat their header; that is no data. */
  protected isHeader(): boolean {
    if (this.headerAgain()) return true
    return /(^|,)"?\s*HE ?0?1"?\s*(,|$)/.test(this.scanner.raw(4000))
  }
}
