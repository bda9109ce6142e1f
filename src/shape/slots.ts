/** Which columns of a file are wanted, and in which slot of the scanner each ends up. */
import type { Wanted } from '../model/report.js'
import type { Header } from '../read/header.js'
import { FieldsKey, type SlotOf, standsTogether } from './lookup.js'

export class Slots {
  readonly columns: readonly number[]
  readonly #slot = new Map<number, number>()

  constructor(
    readonly header: Header,
    wanted: readonly Wanted[],
    extra: readonly number[] = [],
  ) {
    const columns = new Set(extra)
    for (const each of wanted) {
      const at = header.find(each)
      if (at >= 0) columns.add(at)
    }
    this.columns = [...columns].sort((a, b) => a - b)
    this.columns.forEach((column, slot) => {
      this.#slot.set(column, slot)
    })
  }

  readonly of: SlotOf = wanted => {
    const at = this.header.find(wanted)
    return at < 0 ? -1 : (this.#slot.get(at) as number)
  }

  at(column: number): number {
    return this.#slot.get(column) as number
  }

  /** A key over the columns of these wanted ones. */
  key(wanted: readonly Wanted[]): FieldsKey {
    const columns = [...new Set(wanted.map(each => this.header.find(each)).filter(at => at >= 0))].sort((a, b) => a - b)
    return new FieldsKey(
      columns.map(column => this.at(column)),
      columns,
      standsTogether(columns, new Set(this.columns)),
    )
  }
}
