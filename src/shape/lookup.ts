/** Distinct combinations of some fields of a record, numbered, with what they mean worked out once each. */

import type { Cell, CellText, FileContext, Resolved, TimeRule } from '../model/report.js'
import type { Guide, Scanner } from '../read/scan.js'
import { Dictionary } from './dictionary.js'

/** Position of a wanted column in the scanner's slots; -1 when the file has no such column. */
export type SlotOf = (wanted: Cell['wanted'][number]) => number

/** Ids of the combined bytes of some fields. Fields that stand side by side are guessed as one by the scanner. */
export class FieldsKey implements Guide {
  readonly dictionary = new Dictionary()
  readonly first: number
  readonly last: number
  /** Position among the scanner's guides; -1 for fields that stand apart. */
  guide = -1
  #scratch = new Uint8Array(512)
  #view = new DataView(this.#scratch.buffer)

  /**
   * @param slots slots in the order of their columns
   * @param columns the columns, ascending
   * @param together the fields stand side by side, so that one range of bytes names them all
   */
  constructor(
    readonly slots: readonly number[],
    columns: readonly number[],
    readonly together: boolean,
  ) {
    this.first = columns[0] ?? -1
    this.last = columns.at(-1) ?? -1
  }

  expect(bytes: Uint8Array, view: DataView, from: number, end: number): number {
    return this.dictionary.expect(bytes, view, from, end)
  }

  id(scanner: Scanner): number {
    const { guide } = this
    if (guide < 0) return this.#gathered(scanner)
    if (scanner.guessed[guide] === 1) return this.dictionary.expected()
    const from = scanner.groupFrom[guide] as number
    return this.dictionary.id(scanner.bytes, scanner.view, from, scanner.groupTo[guide] as number)
  }

  #gathered(scanner: Scanner): number {
    let at = 0
    for (const slot of this.slots) {
      const from = scanner.from[slot] as number
      const to = scanner.to[slot] as number
      if (at + to - from + 1 > this.#scratch.length) {
        const bigger = new Uint8Array((at + to - from + 1) * 2)
        bigger.set(this.#scratch)
        this.#scratch = bigger
        this.#view = new DataView(bigger.buffer)
      }
      for (let p = from; p < to; p++) this.#scratch[at++] = scanner.bytes[p] as number
      this.#scratch[at++] = 31
    }
    return this.dictionary.id(this.#scratch, this.#view, 0, at)
  }
}

/** One range of bytes may stand for several fields when at most one column that nobody wants lies between two of them. */
export function standsTogether(columns: readonly number[], wanted: ReadonlySet<number>): boolean {
  if (columns.length === 0) return false
  for (let k = 1; k < columns.length; k++) {
    const gap = (columns[k] as number) - (columns[k - 1] as number) - 1
    if (gap > 1 || (gap === 1 && wanted.has((columns[k] as number) - 1))) return false
  }
  return true
}

/** Texts that a cell asks for, in its own order. */
export function cellText(cell: Cell, slotOf: SlotOf, scanner: Scanner, file: FileContext): CellText {
  return cell.make(
    cell.wanted.map(wanted => {
      const slot = slotOf(wanted)
      return slot < 0 ? '' : scanner.text(slot)
    }),
    file,
  )
}

/** Instants by time text. */
export class TimeLookup {
  readonly start: number[] = []
  readonly end: number[] = []
  readonly second: number[] = []
  readonly wall: number[] = []
  readonly error: (string | undefined)[] = []

  constructor(
    readonly key: FieldsKey,
    readonly rule: TimeRule,
    readonly slotOf: SlotOf,
  ) {}

  /** Id of the record's time texts; `start`, `second` ... hold what they mean. */
  id(scanner: Scanner, file: FileContext): number {
    const known = this.start.length
    const id = this.key.slots.length === 0 ? 0 : this.key.id(scanner)
    if (id >= known) {
      const texts = this.rule.wanted.map(wanted => {
        const slot = this.slotOf(wanted)
        return slot < 0 ? undefined : scanner.text(slot)
      })
      this.#add(this.rule.resolve(texts as readonly string[], file))
    }
    return id
  }

  #add(resolved: Resolved): void {
    const start = resolved.start
    const error = resolved.error ?? (start >= 0 && start < 2 ** 32 ? undefined : 'instant out of range')
    this.start.push(error === undefined ? start : Number.NaN)
    this.end.push(resolved.end ?? Number.NaN)
    this.second.push(resolved.second ?? Number.NaN)
    this.wall.push(resolved.wall ?? Number.NaN)
    this.error.push(error)
  }
}

/** Versions of rows by the texts of their version columns. */
export class VersionLookup {
  /** False for a row that its own file calls superseded. */
  readonly current: boolean[] = []
  /** Published version number; 0 when there is none. */
  readonly version: number[] = []
  /** When these rows were corrected, ms since 1970; 0 where nothing tells. */
  readonly stamp: number[] = []

  constructor(
    readonly key: FieldsKey,
    readonly slots: Readonly<Record<'current' | 'version' | 'corrected', number>>,
    /** Of a local stamp, ms since 1970. */
    readonly stampOf: (text: string) => number,
  ) {}

  id(scanner: Scanner): number {
    const id = this.key.id(scanner)
    if (id >= this.current.length) {
      const read = (slot: number) => (slot < 0 ? '' : scanner.text(slot).trim())
      const version = Number(read(this.slots.version))
      this.current.push(!/^(false|0(\.0*)?|n|no)$/i.test(read(this.slots.current)))
      this.version.push(Number.isInteger(version) && version > 0 ? version : 0)
      const stamp = read(this.slots.corrected)
      this.stamp.push(stamp === '' ? 0 : this.stampOf(stamp))
    }
    return id
  }
}
