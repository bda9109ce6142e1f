/** Writes the text that other containers' tables become: commas, quotes where needed, in chunks of bytes. */

const CHUNK = 1 << 16

/** A cell as CSV prints it. */
export function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Collects lines until there are enough of them for a chunk. */
export class CsvText {
  #lines = ''

  /** Cells that are quoted already where it is needed. */
  line(cells: readonly string[]): void {
    this.#lines += `${cells.join(',')}\n`
  }

  /** Names as they are. */
  header(names: readonly string[]): void {
    this.line(names.map(quoted))
  }

  get full(): boolean {
    return this.#lines.length >= CHUNK
  }

  get empty(): boolean {
    return this.#lines === ''
  }

  /** What was collected, and begins anew. */
  take(): Buffer {
    const bytes = Buffer.from(this.#lines)
    this.#lines = ''
    return bytes
  }
}
