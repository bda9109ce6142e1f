/**
 * Which leaf partition an instant falls into. Rows come in long stretches of one leaf, so the bounds of the last one are
 * kept; the calendar is asked only when a row leaves them.
 */
import type { Dataset } from '../model/dataset.js'
import { daysOf, type PartitionKey, partitionOf } from '../model/partition.js'
import { type Clock, dateText, parseDay } from './clock.js'

export interface Leaf {
  readonly key: PartitionKey
  /** UTC seconds. */
  readonly from: number
  readonly to: number
  /** Ordinal among the leaves that are wanted, -1 for any other. */
  readonly wanted: number
}

export class Leaves {
  /** Every leaf met so far, wanted or not; `at` returns positions in it. */
  readonly met: Leaf[] = []
  readonly wanted: readonly Leaf[]
  readonly #byKey = new Map<PartitionKey, number>()
  #from = 1
  #to = 0
  #current = 0

  constructor(
    readonly clock: Clock,
    readonly dataset: Dataset,
    keys: readonly PartitionKey[],
  ) {
    this.wanted = [...keys].sort().map((key, wanted) => {
      const leaf = this.#make(key, wanted)
      this.#byKey.set(key, this.met.push(leaf) - 1)
      return leaf
    })
  }

  /** Position in `met` of the leaf that holds this instant. */
  at(instant: number): number {
    if (instant >= this.#from && instant < this.#to) return this.#current
    const key = partitionOf(this.dataset, dateText(this.clock.dayAt(instant).day))
    let position = this.#byKey.get(key)
    if (position === undefined) {
      position = this.met.push(this.#make(key, -1)) - 1
      this.#byKey.set(key, position)
    }
    const leaf = this.met[position] as Leaf
    this.#from = leaf.from
    this.#to = leaf.to
    this.#current = position
    return position
  }

  #make(key: PartitionKey, wanted: number): Leaf {
    const { first, last } = daysOf(key)
    return { key, from: this.clock.day(parseDay(first)).start, to: this.clock.day(parseDay(last)).end, wanted }
  }
}
