/**
 * The sorted runs of one unit within a bounded number of bytes: what exceeds them goes to disk, and many runs on disk become few, so that
 * a merge holds a bounded number of blocks however large the unit is.
 */

import type { Table } from '../shape/table.js'
import { consolidate, type Order, type Run } from './merge.js'
import { inOrder, type Rows, runBytes, Sorter } from './run.js'
import { SpilledRun } from './spill.js'

/** Runs of one level that are made one of the next. A merge has at most this many cursors per level. */
const FAN_IN = 16

export class RunStore {
  /** Runs that were written to disk. */
  spilled = 0
  /** In the order in which they came: rows of one document may continue in the next run. */
  readonly #held: Rows[] = []
  /** Runs on disk by level, the oldest and largest first. */
  readonly #levels: SpilledRun[][] = []
  readonly #sorter: Sorter
  #bytes = 0

  constructor(
    readonly memory: number,
    readonly folder: string,
    readonly order: Order,
  ) {
    this.#sorter = new Sorter(order.series, order.leaves)
  }

  get runs(): Run[] {
    return [...this.#held, ...this.#levels.toReversed().flat()]
  }

  /** Takes a table's rows as a run: kept in memory, or on disk from the first on that does not fit. Throws IoError. */
  async add(table: Table): Promise<void> {
    const order = this.#sorter.sort(table)
    this.#bytes += runBytes(table)
    if (this.#bytes <= this.memory) this.#held.push(inOrder(table, order))
    else {
      this.spilled++
      await this.#put(SpilledRun.write(table, order, this.folder), 0)
    }
  }

  /** Removes what lies on disk. */
  close(): void {
    for (const run of this.#levels.flat()) run.remove()
    this.#levels.length = this.#held.length = 0
  }

  async #put(run: SpilledRun, level: number): Promise<void> {
    const runs = (this.#levels[level] ??= [])
    runs.push(run)
    if (runs.length < FAN_IN) return
    const whole = await consolidate(runs, this.order, this.folder)
    runs.length = 0
    await this.#put(whole, level + 1)
  }
}
