/**
 * Reads the first and last bytes of files with the very layout that conversion will use, and notes which leaves their rows fall
 * into. What is learned of one file (dictionaries, time texts, the calendar) serves the next: archives hold thousands alike.
 */
import { type Dataset, datasetOf } from '../model/dataset.js'
import { InputError } from '../model/errors.js'
import type { PartitionKey } from '../model/partition.js'
import type { Converter, FileContext, Report } from '../model/report.js'
import { Scanner } from '../read/scan.js'
import { Clock } from './clock.js'
import { newSource, ReadContext, type SourceState } from './context.js'
import { Leaves } from './leaves.js'
import { HEAD_BYTES } from './lines.js'
import { SourceScan } from './source.js'
import { between } from './span.js'

export interface Probed {
  readonly leaves: PartitionKey[]
  /** Some stamp stands off the hour. */
  readonly finer: boolean
  readonly first: number
  /** Seconds from the first interval's start to the last one's end. */
  readonly length: number
  /** Why a record was refused, if one was. */
  readonly rejected: string | undefined
  readonly read: boolean
  /** Words of rows that belong to another market or run. */
  readonly left: readonly string[]
}

/** Files after which what was learned is forgotten, so that no archive makes it grow without end. */
const FORGET_AFTER = 500

/** One shared context; the file at hand hears of its own rejections. */
class Learned {
  files = 0
  heard: (leaf: number, reason: string) => void = () => {}
  readonly context: ReadContext

  constructor(dataset: Dataset, clock: Clock) {
    this.context = new ReadContext(dataset, clock, new Leaves(clock, dataset, []), (_, leaf, { reason }) =>
      this.heard(leaf, reason),
    )
  }
}

export class Prober {
  readonly #clock: Clock
  /** Free between two probes. */
  readonly scanner = new Scanner()
  readonly #learned = new Map<string, Learned>()

  constructor(readonly converter: Converter) {
    this.#clock = new Clock(converter.zone)
  }

  /** @param tail last bytes, empty when `head` is all there is or the rest is out of reach. Throws InputError. */
  probe(report: Report, file: FileContext, head: Uint8Array, tail: Uint8Array): Probed {
    const learned = this.#learn(datasetOf(report.dataset))
    const { context } = learned
    const { leaves } = context
    let rejected: string | undefined
    const state = newSource({ index: 0, display: file.path, report, document: '', file })
    learned.heard = (leaf, reason) => {
      rejected ??= reason
      // A row that is refused for something else than its time still tells its partition.
      if (leaf >= 0) state.perLeaf[leaf] ??= 0
    }
    this.#read(context, state, head, tail)
    const reached = leaves.met.filter((_, at) => state.perLeaf[at] !== undefined).map(leaf => leaf.key)
    return {
      leaves: between(context.dataset, reached.sort()),
      rejected,
      read: state.records > 0 || state.perLeaf.some(count => count > 0),
      finer: state.finerDays.size > 0,
      first: state.firstInstant,
      left: [...state.left].filter(word => word !== ''),
      length: state.lastInstant - state.firstInstant,
    }
  }

  #learn(dataset: Dataset): Learned {
    const known = this.#learned.get(dataset.id)
    const learned = known && known.files < FORGET_AFTER ? known : new Learned(dataset, this.#clock)
    learned.files++
    this.#learned.set(dataset.id, learned)
    return learned
  }

  #read(context: ReadContext, state: SourceState, head: Uint8Array, tail: Uint8Array): void {
    context.table.clear()
    context.join.clear()
    const origin = context.addOrigin({
      source: 0,
      report: state.report,
      finality: { priority: 0, revision: 1, final: true },
      current: true,
    })
    const { scanner } = this
    const scan = new SourceScan(scanner, context, state, origin)
    const crOnly = !head.includes(10) && head.includes(13)
    const eol = crOnly ? 13 : 10
    // A sample ends and begins in the middle of records: only whole ones are looked at.
    const whole = head.length < HEAD_BYTES ? head : head.subarray(0, head.lastIndexOf(eol) + 1)
    try {
      scanner.feed(whole)
      scan.pump()
      if (tail.length > 0) scanner.feed(tail.subarray(tail.indexOf(eol) + 1))
      scan.finish()
    } catch (error) {
      // A tagged file lacks its trailer in a sample; any other error is conversion's to tell, with all of the file at hand.
      if (!(error instanceof InputError)) throw error
      if (error.code !== 'csv.truncated' && state.perLeaf.length === 0) throw error
    }
  }
}
