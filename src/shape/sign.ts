/**
 * Tells from the rows themselves which sign a writer gave congestion. NYISO prints it with the opposite sign; gridstatus passed
 * that on until June 2024 and turns it round since (gridstatus-style.md 5), and nothing else in a file says which it is.
 */
import type { Table } from './table.js'

/** $/MWh: below this, rounding could decide. */
const CLEAR = 0.015

export class SignDetector {
  /** 0 until a row decides. */
  #factor = 0
  readonly #from: number
  readonly #columns: readonly number[]

  constructor(
    readonly table: Table,
    valueColumns: readonly string[],
  ) {
    this.#from = table.rows
    this.#columns = ['lmp', 'energy', 'congestion', 'loss'].map(name => valueColumns.indexOf(name))
  }

  /** Looks at a row that was just added; turns it, and all of the file before it once the first row has decided. */
  look(row: number): void {
    if (this.#factor > 0) return
    if (this.#factor < 0) {
      this.#turn(row)
      return
    }
    const [lmp, energy, congestion, loss] = this.#columns.map(
      k => (this.table.values[k] as Float64Array)[row] as number,
    )
    if (!(Math.abs(congestion as number) > CLEAR)) return
    const rest = (lmp as number) - (energy as number) - (loss as number)
    const asIs = Math.abs(rest - (congestion as number))
    const turned = Math.abs(rest + (congestion as number))
    if (Number.isNaN(asIs) || Math.abs(asIs - turned) < 2 * CLEAR) return
    this.#factor = asIs <= turned ? 1 : -1
    // A table that was sealed meanwhile begins anew.
    if (this.#factor < 0) for (let at = Math.min(this.#from, row); at <= row; at++) this.#turn(at)
  }

  #turn(row: number): void {
    const congestion = this.table.values[this.#columns[2] as number] as Float64Array
    congestion[row] = 0 - (congestion[row] as number)
  }
}
