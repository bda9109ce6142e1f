/** What a row group gathers before it is encoded: codes of instants, and runs of one series or one document. */
import { ROW_GROUP_ROWS } from './parquet.js'

/** Codes of distinct numbers within one row group: by position on the interval grid, by map off it. */
export class Codes {
  readonly codes = new Int32Array(ROW_GROUP_ROWS)
  readonly values: number[] = []
  readonly #grid: Int32Array
  readonly #map = new Map<number, number>()

  constructor(
    readonly from: number,
    to: number,
    readonly step: number,
  ) {
    this.#grid = new Int32Array(Math.floor((to - from) / step) + 2).fill(-1)
  }

  begin(): void {
    this.values.length = 0
    this.#grid.fill(-1)
    this.#map.clear()
  }

  add(row: number, value: number): void {
    const at = (value - this.from) / this.step
    const whole = at | 0
    if (whole === at && at >= 0 && at < this.#grid.length) {
      let code = this.#grid[whole] as number
      if (code < 0) code = this.#grid[whole] = this.values.push(value) - 1
      this.codes[row] = code
      return
    }
    let code = this.#map.get(value)
    if (code === undefined) this.#map.set(value, (code = this.values.push(value) - 1))
    this.codes[row] = code
  }
}

export interface Runs {
  readonly ids: Int32Array
  readonly lengths: Int32Array
  runs: number
}

/** Appends ids[from, to), run by run. */
export function extend(runs: Runs, ids: Int32Array, from: number, to: number): void {
  for (let row = from; row < to; ) {
    const id = ids[row] as number
    let next = row + 1
    while (next < to && ids[next] === id) next++
    const last = runs.runs - 1
    if (last >= 0 && runs.ids[last] === id) runs.lengths[last] = (runs.lengths[last] as number) + next - row
    else {
      runs.ids[runs.runs] = id
      runs.lengths[runs.runs++] = next - row
    }
    row = next
  }
}
