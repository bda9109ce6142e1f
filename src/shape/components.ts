/** Layout "components down": one record is one component of a row; those of one interval stand apart and are joined here. */
import { LEFT, REJECTED } from './compile.js'
import { decimal, INVALID, status } from './decimal.js'
import { Reader } from './reader.js'
import { SPOILED } from './table.js'

export class ComponentsReader extends Reader {
  readonly #value = (() => {
    const { layout } = this.source.report
    const wanted = layout.kind === 'components' ? layout.value.wanted : []
    return wanted.map(this.compiled.slots.of).filter(slot => slot >= 0)
  })()

  read(): void {
    const { scanner } = this
    while (!this.next && scanner.next()) if (this.isData()) this.#record()
  }

  #record(): void {
    const { scanner, compiled, source, context } = this
    const entry = compiled.series.id(scanner, this.file)
    const series = compiled.series.ids[entry] as number
    if (!this.locate(series)) return
    this.release()
    const column = compiled.series.component[entry] as number
    if (series < 0) {
      if (series === REJECTED) {
        const why = compiled.series.reasons.get(entry)
        this.reject('field.invalid', why?.column ?? '', why?.reason ?? '', this.start)
      } else if (series === LEFT && column === 0) this.leave(compiled.series.reasons.get(entry)?.reason ?? '')
      return
    }
    const slot = this.#value[0] as number
    const value = decimal(scanner.bytes, scanner.from[slot] as number, scanner.to[slot] as number)
    const invalid = Number.isNaN(value) && status.last === INVALID
    source.records++
    if (Number.isNaN(value) && !invalid) source.emptyCells++
    const { table } = context
    const leaf = context.leaves.at(this.start)
    if ((context.leaves.met[leaf]?.wanted ?? -1) < 0) {
      // Outside the unit nothing is joined: a price row (the total) stands for its components in the count.
      if (column === 0) this.counted()
      else source.perLeaf[leaf] ??= 0
      return
    }
    const before = table.rows
    const row = context.join.row(series, this.start, this.end, this.defaultOrigin, 1 << column)
    ;(table.values[column] as Float64Array)[row] = value
    if (row === before) this.counted()
    else source.perLeaf[leaf] ??= 0
    if (!invalid) return
    // The whole row counts as quarantined: a price without one of its components would be another price.
    table.mask[row] = (table.mask[row] as number) | SPOILED
    this.quarantine('number.invalid', 'price', `not a number: "${scanner.text(slot)}"`, this.start)
  }
}
