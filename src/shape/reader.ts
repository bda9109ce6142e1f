/** What all layouts share: instants with row order, runs off the grid, leaves, versions, and the counting of candidate rows. */
import type { FileContext } from '../model/report.js'
import type { Scanner } from '../read/scan.js'
import type { Compiled } from './compile.js'
import type { ReadContext, SourceState } from './context.js'
import { PassageOrder } from './order.js'
import { Records } from './records.js'
import { provisionalStart } from './runs.js'

export abstract class Reader extends Records {
  readonly minutes: number
  /** Interval of the record at hand, as `locate` found it. */
  protected start = 0
  protected end = 0
  protected origin = -1
  readonly #versions = new Map<number, number>()
  readonly #passages = new Map<number, PassageOrder>()

  constructor(
    scanner: Scanner,
    compiled: Compiled,
    context: ReadContext,
    source: SourceState,
    /** Origin of rows without version columns. */
    readonly defaultOrigin: number,
    file?: FileContext,
  ) {
    super(scanner, compiled, context, source, file)
    this.minutes = context.dataset.minutes
    if (compiled.time.rule.sincePrevious) context.table.offGrid = true
    for (const k of compiled.used) context.table.use(k)
  }

  /** Reads all complete records in the scanner's window, or up to a further document. */
  abstract read(): void

  /**
   * Sets `start` and `end` of the record from its time texts; false when it was rejected. `series` tells rows of one location apart from
   * others, however it is spelt; below 0 for records that become no row here.
   */
  protected locate(series: number): boolean {
    const { time } = this.compiled
    const id = time.id(this.scanner, this.file)
    const start = time.start[id] as number
    if (Number.isNaN(start)) {
      // A record without a time and without a value is a blank line with separators (ERCOT's yearly files have one or two).
      if (this.valueless()) return false
      const wanted = time.rule.wanted[0]?.spellings[0] ?? ''
      return this.reject(errorCode(time.error[id]), wanted, time.error[id] ?? 'no time')
    }
    this.start = start
    this.end = start + this.minutes * 60
    if (time.rule.byOrder && series >= 0 && !this.#pass(time.wall[id] as number, time.second[id] as number, series))
      return false
    const { runs, report } = this.source
    if (!time.rule.sincePrevious) {
      if (report.advisory || report.whole) runs.add(this.end)
      return true
    }
    // The stamp is the end of a run, whose beginning is known when all runs of the document are.
    this.end = this.start
    this.start = provisionalStart(this.end)
    runs.add(this.end)
    return true
  }

  /** Row order decides between the passages of a repeated hour; false where it must not, and the hour has come already. */
  #pass(wall: number, second: number, series: number): boolean {
    const { doubts } = this.source
    const endOf = (start: number) => (this.compiled.time.rule.sincePrevious ? start : start + this.minutes * 60)
    if (Number.isNaN(wall)) {
      if (doubts.size > 0) doubts.settleTwin(series, endOf(this.start))
      return true
    }
    let passages = this.#passages.get(this.origin)
    if (!passages) this.#passages.set(this.origin, (passages = new PassageOrder(this.minutes)))
    const inHour = !Number.isNaN(second)
    const again = passages.second(series, wall, inHour)
    if (again && second === Number.POSITIVE_INFINITY)
      return this.reject('time.nonexistent', '', 'the repeated hour comes twice, and no flag tells which is which')
    if (again) {
      this.start = second
      this.end = second + this.minutes * 60
      doubts.settle(series, endOf(second))
    } else if (inHour) doubts.add(series, endOf(this.start), () => this.rejection('time.ambiguous', '', AMBIGUOUS))
    return true
  }

  /** Origin of the record: its document, and its version where the file has versions. */
  protected originOf(): number {
    const { versions } = this.compiled
    if (!versions) return this.defaultOrigin
    const id = versions.id(this.scanner)
    const known = this.#versions.get(id)
    if (known !== undefined) return known
    const base = this.context.origins[this.defaultOrigin] as ReadContext['origins'][number]
    const current = versions.current[id] as boolean
    const revision = versions.version[id] || base.finality.revision
    const made = this.context.addOrigin({
      ...base,
      current,
      ...(versions.stamp[id] ? { stamp: versions.stamp[id] as number } : {}),
      finality: { ...base.finality, revision, final: base.finality.final && current },
    })
    this.#versions.set(id, made)
    return made
  }

  /** Counts a candidate row; true when it belongs into this unit. */
  protected counted(): boolean {
    const leaf = this.context.leaves.at(this.start)
    const { perLeaf } = this.source
    perLeaf[leaf] = (perLeaf[leaf] ?? 0) + 1
    if (this.end > this.source.lastInstant) this.source.lastInstant = this.end
    if (this.start < this.source.firstInstant) this.source.firstInstant = this.start
    return (this.context.leaves.met[leaf]?.wanted ?? -1) >= 0
  }

  /** A cell that is there and empty states that there is no price: it is no candidate row. True when it belongs into this unit. */
  protected uncounted(): boolean {
    const leaf = this.context.leaves.at(this.start)
    this.source.perLeaf[leaf] ??= 0
    return (this.context.leaves.met[leaf]?.wanted ?? -1) >= 0
  }

  /** A row of another market or run in the same file: a sibling report takes it, or nobody does. */
  protected leave(name: string): void {
    const { source } = this
    const leaf = this.context.leaves.at(this.start)
    source.left.add(name)
    source.otherDays.add(this.context.clock.dayAt(this.start).day)
    source.others.set(leaf, (source.others.get(leaf) ?? 0) + 1)
  }
}

const AMBIGUOUS =
  'this hour comes twice on the day of the change, and the file has it once: nothing tells which of the two it is. The published file has both; a column with the offset, EST/EDT or a flag would tell too'

function errorCode(error = ''): string {
  return error.includes('does not exist') || error.includes('marked as repeated')
    ? 'time.nonexistent'
    : 'time.unreadable'
}
