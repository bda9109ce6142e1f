/** What all layouts share: instants with row order, the ends of runs off the grid, leaves, versions and rejections. */
import { decode, type Scanner } from '../read/scan.js'
import type { Compiled } from './compile.js'
import type { ReadContext, Rejection, SourceState } from './context.js'

/** Ten thousand rejected rows of one file say no more than its first ones would. */
const LONGEST_GAP = 900

const DATA_TAG = 68
const TRAILER_TAG = 84

export abstract class Reader {
  readonly minutes: number
  /** Interval of the record at hand, as `locate` found it. */
  protected start = 0
  protected end = 0
  protected origin = -1
  readonly #versions = new Map<number, number>()
  readonly #state: { wall: number[]; repeated: boolean[]; instant: number[]; start: number[] } = {
    wall: [],
    repeated: [],
    instant: [],
    start: [],
  }
  #held: (() => void)[] = []
  /** Data lines of a tagged file. */
  #tagged = 0

  constructor(
    readonly scanner: Scanner,
    readonly compiled: Compiled,
    readonly context: ReadContext,
    readonly source: SourceState,
    /** Origin of rows without version columns. */
    readonly defaultOrigin: number,
  ) {
    this.minutes = context.dataset.minutes
    if (compiled.time.rule.sincePrevious) context.table.offGrid = true
    for (const k of compiled.used) context.table.use(k)
  }

  /** Reads all complete records in the scanner's window. */
  abstract read(): void

  /** The file is at its end. Closing lines of text that were held back are dropped, if this report has any. */
  finish(): void {
    if (!this.source.report.trailer) for (const reject of this.#held) reject()
    this.#held = []
  }

  /** False for records that are no data: blank lines, comments, headers, trailers; they are no candidates either. */
  protected isData(): boolean {
    const { scanner, compiled } = this
    if (compiled.tag >= 0) {
      const tag = scanner.bytes[scanner.from[compiled.tag] as number]
      if (tag === TRAILER_TAG) this.#trailer()
      if (tag !== DATA_TAG || scanner.blank) return false
      this.#tagged++
      // Only the T line may lack a line end: a D line that does was cut off, perhaps inside its last number.
      if (!scanner.closed) return this.reject('csv.truncated', '', 'the file ends inside this record')
      return scanner.fields === compiled.fields || this.#tolerable()
    }
    if (scanner.fields === 1 && scanner.blank) return false
    if (scanner.fields !== compiled.fields && !this.#tolerable()) return false
    return true
  }

  /** The closing line counts the data lines: a check that warns, since some reports count otherwise (isone.md 1). */
  #trailer(): void {
    this.source.sawTrailer = true
    const said = /(\d+)\s*lines/i.exec(this.scanner.raw())?.[1]
    if (said !== undefined && Number(said) !== this.#tagged)
      this.source.warnings.add(`the closing line says ${said} lines, and ${this.#tagged} were read`)
  }

  #tolerable(): boolean {
    const { scanner, compiled } = this
    if (scanner.blank) return false
    const { ragged, trailer } = this.source.report
    const cut = !scanner.closed && scanner.fields < compiled.fields
    if (ragged && !cut) return true
    if (scanner.fields > compiled.fields) {
      // Trailing separators are harmless; a value without a header is not.
      if (
        /^[\s,"]*$/.test(
          scanner
            .raw(1 << 20)
            .split(',')
            .slice(compiled.fields)
            .join(','),
        )
      )
        return true
      this.reject('csv.ragged', '', `${scanner.fields} fields under a header of ${compiled.fields}`)
    } else if (cut && !(trailer && !this.#hasTime())) {
      this.reject(
        'csv.truncated',
        '',
        `the file ends inside this record: ${scanner.fields} of ${compiled.fields} fields`,
      )
    } else this.reject('csv.short', '', `${scanner.fields} fields under a header of ${compiled.fields}`)
    return false
  }

  /** A closing line of text has no time in its place; a record that was cut off has. */
  #hasTime(): boolean {
    const { time } = this.compiled
    return this.scanner.fields > 1 && !Number.isNaN(time.start[time.id(this.scanner, this.source.file)])
  }

  #valueless(): boolean {
    const { from, to } = this.scanner
    const values = this.compiled.lanes.flatMap(lane => lane.values).flatMap(value => value?.slots ?? [])
    const times = this.compiled.time.rule.wanted.map(this.compiled.slots.of).filter(slot => slot >= 0)
    const blank = (slot: number) => decode(this.scanner.bytes, from[slot] as number, to[slot] as number).trim() === ''
    return values.length > 0 && values.every(blank) && times.some(blank)
  }

  /** Sets `start` and `end` of the record from its time texts; false when it was rejected. `location` tells rows of one location. */
  protected locate(location: number): boolean {
    const { time } = this.compiled
    const id = time.id(this.scanner, this.source.file)
    const start = time.start[id] as number
    if (Number.isNaN(start)) {
      // A record without a time and without a value is a blank line with separators (ERCOT's yearly files have one or two).
      if (this.#valueless()) return false
      const wanted = time.rule.wanted[0]?.spellings[0] ?? ''
      return this.reject(errorCode(time.error[id]), wanted, time.error[id] ?? 'no time')
    }
    this.start = start
    this.end = start + this.minutes * 60
    return time.rule.byOrder ? this.#order(id, location) : true
  }

  /**
   * Row order decides. The first passage of a repeated hour lasts until the location's stamps step back inside it; "second
   * occurrence of a text" would be wrong for stamps off the grid (nyiso.md 2.5).
   */
  #order(id: number, location: number): boolean {
    const { time } = this.compiled
    const state = this.#state
    const wall = time.wall[id] as number
    const second = time.second[id] as number
    const again = wall <= (state.wall[location] ?? Number.NEGATIVE_INFINITY)
    if (!Number.isNaN(wall)) state.wall[location] = wall
    if (second === Number.POSITIVE_INFINITY) {
      if (again) this.reject('time.nonexistent', '', 'the repeated hour comes twice, and no flag tells which is which')
      return !again
    }
    if (!Number.isNaN(second) && again) state.repeated[location] = true
    if (!Number.isNaN(second) && state.repeated[location]) {
      this.start = second
      this.end = second + this.minutes * 60
    }
    if (!time.rule.sincePrevious) return true
    // The stamp is the end of a run that began at the location's previous stamp, or at midnight for the day's first.
    const instant = this.start
    const previous = state.instant[location]
    let start: number
    if (previous === instant) start = state.start[location] as number
    else {
      start = previous ?? this.context.clock.dayAt(instant - 1).start
      if (instant <= start || instant - start > LONGEST_GAP) start = instant - this.minutes * 60
    }
    state.instant[location] = instant
    state.start[location] = start
    this.start = start
    this.end = instant
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

  /** A record that becomes no row. Always false, so that a caller can return it. */
  protected reject(code: string, column: string, reason: string, start = Number.NaN): false {
    return this.#refuse(code, column, reason, start, true)
  }

  /** A cell of a row that is counted as a row, and will be as quarantined. */
  protected quarantine(code: string, column: string, reason: string, start: number): void {
    this.#refuse(code, column, reason, start, false)
  }

  #refuse(code: string, column: string, reason: string, start: number, counts: boolean): false {
    const { scanner, source, context } = this
    const rejection: Rejection = {
      file: source.display,
      line: scanner.line,
      offset: scanner.offset,
      column,
      code,
      reason,
      raw: scanner.raw(),
    }
    const leaf = Number.isNaN(start) ? -1 : context.leaves.at(start)
    const act = () => {
      if (counts) source.rejected.set(leaf, (source.rejected.get(leaf) ?? 0) + 1)
      context.reject(source, leaf, rejection)
    }
    if (source.report.trailer && code !== 'csv.truncated' && this.#held.length < 3) this.#held.push(act)
    else act()
    return false
  }

  /** A good record shows that what was held back was no closing line. */
  protected release(): void {
    if (this.#held.length === 0) return
    for (const reject of this.#held) reject()
    this.#held = []
  }
}

function errorCode(error = ''): string {
  return error.includes('does not exist') || error.includes('marked as repeated')
    ? 'time.nonexistent'
    : 'time.unreadable'
}
