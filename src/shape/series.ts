/** Which series a record belongs to, one per lane: worked out once per distinct combination of its texts. */
import type { Cell, FileContext, Report } from '../model/report.js'
import type { Scanner } from '../read/scan.js'
import type { ReadContext } from './context.js'
import { cellText, type FieldsKey, type SlotOf } from './lookup.js'

/** Special series numbers: this record has no such row / belongs to a sibling report / is rejected. */
export const NO_ROW = -1
export const LEFT = -2
export const REJECTED = -3

/** One row that a record gives: how its series is made and where its values stand. */
export interface CompiledLane {
  readonly cells: Readonly<Record<string, Cell>>
  /** Per value column of the data set: slots to try in turn, and whether the sign is turned. Null: not in this lane. */
  readonly values: readonly ({
    readonly slots: readonly number[]
    readonly negated: boolean
    readonly decimals: number
    /** Slot that must hold a number, too; -1: none. */
    readonly beside: number
  } | null)[]
}

/** Series of a record, one per lane, worked out once per distinct combination of its texts. */
export class SeriesLookup {
  /** Series of entry `id` in lane `k` at `id * lanes + k`; or NO_ROW, LEFT, REJECTED. */
  readonly ids: number[] = []
  /** For the component layout: the value column that an entry names. */
  readonly component: number[] = []
  readonly reasons = new Map<number, { column: string; reason: string }>()

  constructor(
    readonly key: FieldsKey,
    readonly report: Report,
    readonly lanes: readonly CompiledLane[],
    readonly context: ReadContext,
    readonly slotOf: SlotOf,
  ) {}

  id(scanner: Scanner, file: FileContext): number {
    const known = this.component.length
    const id = this.key.slots.length === 0 ? 0 : this.key.id(scanner)
    if (id >= known) this.#add(id, scanner, file)
    return id
  }

  #add(id: number, scanner: Scanner, file: FileContext): void {
    const { layout } = this.report
    let all: number | undefined
    const reject = (column: string, reason: string): number => {
      this.reasons.set(id, { column, reason })
      return REJECTED
    }
    if (layout.kind !== 'hours' && layout.only) {
      const value = cellText(layout.only.cell, this.slotOf, scanner, file) ?? ''
      const { take, leave } = layout.only
      const column = layout.only.cell.wanted[0]?.spellings[0] ?? ''
      if (leave === 'others' ? !take.includes(value) && value !== '' : leave.includes(value)) {
        this.reasons.set(id, { column, reason: value })
        all = LEFT
      } else if (!take.includes(value)) all = reject(column, `"${value}" is none of ${take.join(', ')}`)
    }
    const component = layout.kind === 'components' ? layout : layout.kind === 'hours' ? layout.component : undefined
    let column = 0
    if (component && (all === undefined || all === LEFT)) {
      const wanted = 'wanted' in component ? component.wanted : component.component
      const slot = this.slotOf(wanted)
      const name = slot < 0 ? '' : scanner.text(slot).trim()
      const target = component.columns[name]
      column = target === undefined ? -1 : this.context.valueColumns.indexOf(target)
      const ignored = layout.kind === 'components' && (layout.ignored ?? []).includes(name)
      if (column < 0 && all === undefined)
        all = ignored ? NO_ROW : reject(wanted.spellings[0] ?? '', `unknown component "${name}"`)
    }
    this.component.push(column)
    const { nothing } = layout
    if (all === undefined && nothing?.texts.test(cellText(nothing.cell, this.slotOf, scanner, file) ?? '')) all = NO_ROW
    const ids = this.lanes.map((lane): number => all ?? this.#series(lane, scanner, file, reject))
    // A record that gives no row, and is not known for giving none, must not vanish.
    if (all === undefined && ids.findIndex(id => id !== NO_ROW) < 0) ids[0] = reject(...this.#unknown(scanner, file))
    this.ids.push(...ids)
  }

  /** Column and text that no lane knows. */
  #unknown(scanner: Scanner, file: FileContext): [column: string, reason: string] {
    for (const lane of this.lanes)
      for (const [name, cell] of Object.entries(lane.cells)) {
        if (cellText(cell, this.slotOf, scanner, file) !== undefined) continue
        const [wanted] = cell.wanted
        const slot = wanted ? this.slotOf(wanted) : -1
        return [wanted?.spellings[0] ?? name, `nothing is known of "${slot < 0 ? '' : scanner.text(slot)}"`]
      }
    return ['', 'not a row of this report']
  }

  #series(
    lane: CompiledLane,
    scanner: Scanner,
    file: FileContext,
    reject: (column: string, reason: string) => number,
  ): number {
    const tuple: (string | null)[] = []
    for (const name of this.context.series.columns) {
      const cell = lane.cells[name]
      const value = cell ? cellText(cell, this.slotOf, scanner, file) : null
      if (value === undefined) return NO_ROW
      const nullable = this.context.dataset.columns.find(each => each.name === name)?.nullable
      if (value === null && !nullable) return reject(name, `no ${name}`)
      // One damaged byte must not found a location of its own.
      if (value?.includes('\0')) return reject(name, `a NUL byte in the ${name}`)
      tuple.push(value)
    }
    const { joins } = this.report
    return this.context.series.id(joins ? this.context.places.complete(tuple, joins) : tuple)
  }
}
