/**
 * A workbook's shared strings: the one part that must be held as a whole while a sheet is read, so it is kept as bytes, and
 * counted. A string costs its bytes and a number, and no object.
 */
import { InputError } from '../model/errors.js'
import { quoted } from './csv.js'
import type { XmlEvents } from './xml.js'

/** ERCOT's largest workbook has 10 KB of them. Half a gigabyte is the smallest run, so this is what any unit can spare. */
export const LARGEST_STRINGS = 32 << 20
const BLOCK = 1 << 20
/** Strings that come again and again are decoded once. */
const MOST_REMEMBERED = 10_000

export class SharedStrings implements XmlEvents {
  readonly #blocks: Buffer[] = []
  #used = BLOCK
  /** Block times BLOCK plus offset, and one more entry for where the last one ends. */
  readonly #from: number[] = []
  readonly #length: number[] = []
  readonly #remembered = new Map<number, string>()
  #bytes = 0
  #text = ''
  #inside = false
  #phonetic = 0

  constructor(readonly where: string) {}

  /** As a cell of CSV. */
  at(index: number): string {
    const known = this.#remembered.get(index)
    if (known !== undefined) return known
    const from = this.#from[index]
    if (from === undefined)
      throw new InputError('file.workbook', `a cell names shared string ${index}; there are ${this.#from.length}`, {
        file: this.where,
      })
    const at = from % BLOCK
    const text = (this.#blocks[(from - at) / BLOCK] as Buffer).toString(
      'utf8',
      at,
      at + (this.#length[index] as number),
    )
    const cell = quoted(text)
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(index, cell)
    return cell
  }

  open(name: string): void {
    if (name === 'si') this.#text = ''
    else if (name === 'rPh') this.#phonetic++
    else if (name === 't') this.#inside = this.#phonetic === 0
  }

  text(text: string): void {
    if (this.#inside) this.#text += text
  }

  close(name: string): void {
    if (name === 't') this.#inside = false
    else if (name === 'rPh') this.#phonetic--
    else if (name === 'si') this.#add(this.#text)
  }

  #add(text: string): void {
    const bytes = Buffer.from(text)
    this.#bytes += bytes.length + 16
    if (this.#bytes > LARGEST_STRINGS || bytes.length > BLOCK)
      throw new InputError(
        'file.workbook',
        `its shared strings take more than ${this.#bytes} bytes; at most ${LARGEST_STRINGS} are held. Save the sheets as CSV`,
        { file: this.where },
      )
    if (this.#used + bytes.length > BLOCK) {
      this.#blocks.push(Buffer.allocUnsafe(BLOCK))
      this.#used = 0
    }
    bytes.copy(this.#blocks.at(-1) as Buffer, this.#used)
    this.#from.push((this.#blocks.length - 1) * BLOCK + this.#used)
    this.#length.push(bytes.length)
    this.#used += bytes.length
  }
}
