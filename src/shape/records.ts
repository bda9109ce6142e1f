/**
 * From a record of the scanner to the question whether it is data: blank lines, comments, headers, trailers, lines of another document and
 * records that were cut off are told here, and what is refused goes to quarantine with its place.
 */
import { Header, headerCells, mismatch } from '../read/header.js'
import { decode, type Scanner } from '../read/scan.js'
import type { Compiled } from './compile.js'
import type { ReadContext, SourceState } from './context.js'
import { type Beginning, HeldLines } from './held.js'
import { LastField } from './last-line.js'
import type { Rejection } from './rejection.js'

const COMMA = 44
const COMMENT_TAG = 67
const DATA_TAG = 68
const HEADER_TAG = 72
const TRAILER_TAG = 84

export abstract class Records {
  /** A further document begins: this reader is done, and the line at hand is the header of the next. */
  next: Beginning | undefined
  readonly #held = new HeldLines()
  readonly #lastField = new LastField()
  /** The last column holds a number of the row: only then can a cut-off record be mistaken for a whole one. */
  readonly #endsInValue: boolean
  /** Data lines of a tagged file. */
  #tagged = 0

  constructor(
    readonly scanner: Scanner,
    readonly compiled: Compiled,
    readonly context: ReadContext,
    readonly source: SourceState,
    /** What stands around the rows of this document. */
    readonly file = source.file,
  ) {
    this.#endsInValue = compiled.valueSlots.some(slot => compiled.slots.columns[slot] === compiled.fields - 1)
  }

  /** The file is at its end. Closing lines of text that were held back are dropped, if this report has any. */
  finish(): void {
    this.#held.close(this.source.report.trailer === true)
  }

  /** False for records that are no data: blank lines, comments, headers, trailers; they are no candidates either. */
  protected isData(): boolean {
    const { scanner, compiled } = this
    if (compiled.tag >= 0) return this.#isTaggedData()
    if (scanner.blank) return false
    if (scanner.fields !== compiled.fields && !this.#tolerable()) return false
    if (this.#endsInValue) {
      if (!scanner.closed && !this.#lastField.complete(this.#lastText()) && !scanner.blank && this.#hasTime())
        return this.reject('csv.truncated', '', 'no line end follows, and the last number may have been cut off')
      if (this.#lastField.learning) this.#lastField.learn(this.#lastText())
    }
    return true
  }

  #lastText(): string {
    const { bytes, recordFrom, recordTo } = this.scanner
    return decode(bytes, Math.max(recordFrom, bytes.lastIndexOf(COMMA, recordTo - 1) + 1), recordTo)
  }

  #isTaggedData(): boolean {
    const { scanner, compiled, source } = this
    const tag = scanner.bytes[scanner.from[compiled.tag] as number]
    if (tag === TRAILER_TAG) this.#trailer()
    // Behind a closing line begins a further document, with comments of its own.
    if (tag === COMMENT_TAG && source.sawTrailer) this.#held.hold(this.#cells(), () => {})
    if (tag === HEADER_TAG && source.sawTrailer) {
      source.sawTrailer = false
      this.next = { header: this.#cells(), preamble: this.#held.take() }
    }
    if (tag !== DATA_TAG || scanner.blank) return false
    this.#tagged++
    // Only the T line may lack a line end: a D line that does was cut off, perhaps inside its last number.
    if (!scanner.closed) return this.reject('csv.truncated', '', 'the file ends inside this record')
    return scanner.fields === compiled.fields || this.#tolerable()
  }

  /** The closing line counts the data lines: a check that warns, since some reports count otherwise. */
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
      const rest = headerCells(scanner.raw(1 << 20)).slice(compiled.fields)
      if (rest.every(cell => cell.trim() === '')) return true
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
    if (time.key.slots.length === 0) return this.scanner.fields > 1
    return this.scanner.fields > 1 && !Number.isNaN(time.start[time.id(this.scanner, this.file)])
  }

  /** Neither a time nor a value: a blank line with separators. */
  protected valueless(): boolean {
    const { compiled, scanner } = this
    const times = compiled.time.rule.wanted.map(compiled.slots.of).filter(slot => slot >= 0)
    const blank = (slot: number) => scanner.text(slot).trim() === ''
    return compiled.valueSlots.length > 0 && compiled.valueSlots.every(blank) && times.some(blank)
  }

  /** A record that becomes no row. Always false, so that a caller can return it. */
  protected reject(code: string, column: string, reason: string, start = Number.NaN): false {
    if (this.headerAgain()) return false
    const { source, context } = this
    const rejection = this.rejection(code, column, reason)
    const leaf = Number.isNaN(start) ? -1 : context.leaves.at(start)
    const act = () => {
      source.rejected.set(leaf, (source.rejected.get(leaf) ?? 0) + 1)
      context.reject(source, leaf, rejection)
    }
    if (code === 'csv.truncated') act()
    else this.#held.hold(headerCells(rejection.raw), act)
    return false
  }

  /** A cell of a row that is counted as a row, and will be as quarantined. */
  protected quarantine(code: string, column: string, reason: string, start: number): void {
    this.context.reject(this.source, this.context.leaves.at(start), this.rejection(code, column, reason))
  }

  protected rejection(code: string, column: string, reason: string): Rejection {
    const { scanner, source } = this
    return {
      file: source.display,
      line: scanner.line,
      offset: scanner.offset,
      column,
      code,
      reason,
      raw: scanner.raw(),
    }
  }

  #cells(): readonly string[] {
    return headerCells(this.scanner.raw(1 << 16))
  }

  /** Whether this record is a header once more: the same one says nothing, another one or lines before it begin a document. */
  protected headerAgain(): boolean {
    const { source } = this
    const cells = this.#cells()
    const header = new Header(cells)
    if (header.isData || mismatch(source.report, header) !== null) return false
    const same = cells.length === source.header.length && cells.every((cell, at) => cell === source.header[at])
    if (!same || !this.#held.empty) this.next = { header: cells, preamble: this.#held.take() }
    return true
  }

  /** A good record shows that what was held back was meant to be rows. */
  protected release(): void {
    if (!this.#held.empty) this.#held.release()
  }
}
