/**
 * Which row of several with one key is written. The order is total and looks only at facts of the documents, never at input
 * order, names of copies or modification times: same inputs, same winner.
 */
import type { Origin } from '../shape/context.js'

/** What reading a document has shown. */
export interface Document {
  /** Digest of the content: of the one member, or of all members that share the document. */
  readonly sha256: string
  /** Publication stamp in ms; 0 when unknown. */
  readonly stamp: number
  /** Of copies of one day: the end of the last dispatch run or interval, seconds. Advisory runs behind it do not count. */
  readonly lastInstant: number
  /** Of copies of one day that reach equally far: distinct intervals. The one that has more was not cut or thinned out. */
  readonly intervals: number
  /** And candidate rows, where publication does not decide. */
  readonly rows: number
  /** Copies of one market day carry the same name here and are won as a whole; empty for all others. */
  readonly whole: string
  /** The document could not be read to its end: none of its rows counts. */
  readonly failed: boolean
}

export interface Judgement {
  /** The greater wins; equal ranks have equal content. */
  readonly rank: Int32Array
  /** The same without the digest: where two are equal, no fact decides between them. */
  readonly standing: Int32Array
  /** NORMAL, FAILED (rows count as quarantined) or LOSER (rows of a copy that lost as a whole). */
  readonly state: Uint8Array
  readonly special: boolean
}

export const NORMAL = 0
export const FAILED = 1
export const LOSER = 2

export function judge(origins: readonly Origin[], documentOf: (origin: Origin) => Document): Judgement {
  const facts = origins.map(origin => {
    const document = documentOf(origin)
    const { finality, current } = origin
    const order: readonly number[] = [
      finality.priority,
      current ? 1 : 0,
      finality.revision,
      document.whole ? document.lastInstant : 0,
      document.whole ? document.intervals : 0,
      origin.stamp ?? document.stamp,
      document.whole ? document.rows : 0,
    ]
    return { order, document, all: [...order, document.sha256] }
  })
  const rank = ranks(facts.map(({ all }) => all))
  const standing = ranks(facts.map(({ order }) => order))
  const best = new Map<string, number>()
  facts.forEach(({ document }, origin) => {
    if (!document.whole || document.failed) return
    best.set(document.whole, Math.max(best.get(document.whole) ?? -1, rank[origin] as number))
  })
  const state = new Uint8Array(origins.length)
  facts.forEach(({ document }, origin) => {
    if (document.failed) state[origin] = FAILED
    else if (document.whole && (rank[origin] as number) < (best.get(document.whole) ?? 0)) state[origin] = LOSER
  })
  return { rank, standing, state, special: state.some(each => each !== NORMAL) }
}

type Order = readonly (number | string)[]

/** Position of each in the order of all; equal ones share one. */
function ranks(orders: readonly Order[]): Int32Array {
  const sorted = [...orders.keys()].sort((a, b) => compare(orders[a] as Order, orders[b] as Order))
  const rank = new Int32Array(orders.length)
  sorted.forEach((each, at) => {
    const before = sorted[at - 1]
    const same = before !== undefined && compare(orders[before] as Order, orders[each] as Order) === 0
    rank[each] = same ? (rank[before] as number) : at
  })
  return rank
}

function compare(a: Order, b: Order): number {
  for (let k = 0; k < a.length; k++) {
    const one = a[k] as number | string
    const two = b[k] as number | string
    if (one !== two) return one < two ? -1 : 1
  }
  return 0
}
