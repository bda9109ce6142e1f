/**
 * Lines among the rows of a file that are none. What they are, the next lines tell: closing words if nothing follows, the beginning of a
 * further document (F2: files that somebody put behind one another) if a header does, and bad rows if rows do.
 */
import { PREAMBLE_LINES } from '../read/header.js'

/** Closing lines that a report may have. */
const CLOSING_LINES = 3

/** What stands before the rows of a document that begins inside a file. */
export interface Beginning {
  readonly header: readonly string[]
  readonly preamble: readonly (readonly string[])[]
}

const isNumber = (cell: string): boolean => /^\s*-?\d*\.?\d+\s*$/.test(cell)

export class HeldLines {
  #lines: { readonly cells: readonly string[]; readonly reject: () => void }[] = []

  get empty(): boolean {
    return this.#lines.length === 0
  }

  hold(cells: readonly string[], reject: () => void): void {
    if (this.#lines.length >= PREAMBLE_LINES) this.release()
    this.#lines.push({ cells, reject })
  }

  /** A row shows that they were meant to be rows. */
  release(): void {
    const lines = this.#lines
    this.#lines = []
    for (const { reject } of lines) reject()
  }

  /** The file is at its end: closing lines of text go, where the report has any. */
  close(trailer: boolean): void {
    if (trailer && this.#lines.length <= CLOSING_LINES) this.#lines = []
    else this.release()
  }

  /** They stand before a header: lines of another document. Bad rows of this one, which hold numbers, are told as such. */
  take(): (readonly string[])[] {
    if (this.#lines.some(({ cells }) => cells.filter(isNumber).length > 1)) this.release()
    const cells = this.#lines.map(line => line.cells)
    this.#lines = []
    return cells
  }
}
