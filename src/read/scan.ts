/**
 * Bytes to fields. Finds the records of a delimited text in whatever chunks it comes, and notes for each the byte ranges of
 * the wanted fields only. It never makes a string, and it touches each byte once.
 *
 * Quotes, doubled quotes, separators and line ends inside quotes, CRLF, LF and CR are handled here; what the bytes mean is not.
 */
const COMMA = 44
const LF = 10
const CR = 13
const QUOTE = 34
const SPACE = 32

/** In so many bytes every file shows how its lines end. */
const HEAD = 1 << 16

/** A record longer than this is a lost quote, not data. */
const LONGEST_RECORD = 4 << 20

/**
 * Some neighbouring columns whose bytes somebody can guess, because a file names its locations in the same order again and
 * again. A right guess is one comparison; nothing of these fields is scanned.
 */
export interface Guide {
  /** Columns, inclusive. */
  readonly first: number
  readonly last: number
  /** Where the guessed bytes end, if they stand at `from` and a comma follows them; else -1. */
  expect(bytes: Uint8Array, view: DataView, from: number, end: number): number
}

const NEVER = 1 << 20

export class Scanner {
  /** The window on the file. Field ranges point into it and hold until the next `feed` or `room`. */
  bytes: Uint8Array
  view: DataView
  /** Raw range of each guide's columns, and whether they were as guessed (then their slots are not set). */
  readonly groupFrom = new Int32Array(4)
  readonly groupTo = new Int32Array(4)
  readonly guessed = new Uint8Array(4)
  /** Start and end of each wanted field of the current record. */
  readonly from = new Int32Array(256)
  readonly to = new Int32Array(256)
  /** Range of the current record without its line end. */
  recordFrom = 0
  recordTo = 0
  /** Fields in the current record, wanted or not. */
  fields = 0
  /** Records seen, blank lines included; line number of the current record (1 = first). */
  line = 0
  /** The current record was closed by a line end (false: the file ended first). */
  closed = true
  /** The file ended inside quotes, or a record outgrew every sensible length. */
  runaway = false

  #slots = new Int16Array(4096).fill(-1)
  /** Wanted columns, ascending. */
  #columns: readonly number[] = []
  #guides: readonly Guide[] = []
  #lines = 0
  #position = 0
  #filled = 0
  /** Bytes of the file before `bytes[0]`. */
  #before = 0
  #eol = LF
  /** The line end is known: it depends on the file's first bytes alone, not on the chunks in which they come. */
  #decided = false
  #ended = false
  readonly #folds: number[] = []

  constructor(capacity = 1 << 18) {
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Starts a new file. */
  begin(): void {
    this.#position = this.#filled = this.#before = this.line = this.#lines = 0
    this.#eol = LF
    this.#ended = this.runaway = this.#decided = false
  }

  /** Line ends are LF or CRLF unless the head of the file has only CR. False while more of it must be seen. */
  #decide(): boolean {
    const from = this.#position
    const head = this.bytes.subarray(from, Math.min(this.#filled, from + HEAD))
    if (!head.includes(LF)) {
      if (head.length < HEAD && !this.#ended) return false
      if (head.includes(CR)) this.#eol = CR
    }
    this.#decided = true
    return true
  }

  /** Says which columns are wanted: slot k gets the field of column `columns[k]`. Guides stand in the order of columns. */
  want(columns: readonly number[], guides: readonly Guide[] = []): void {
    this.#slots.fill(-1)
    this.#guides = guides
    this.guessed.fill(0)
    columns.forEach((column, slot) => {
      this.#slots[column] = slot
    })
    this.#columns = [...columns].sort((a, b) => a - b)
  }

  /** Byte offset of the current record in the file. */
  get offset(): number {
    return this.#before + this.recordFrom
  }

  /** Makes room for more bytes behind those not yet consumed; returns where they go. Tell how many came with `filled`. */
  room(): number {
    const rest = this.#filled - this.#position
    if (this.#position > 0) {
      this.bytes.copyWithin(0, this.#position, this.#filled)
      this.#before += this.#position
      this.#position = 0
      this.#filled = rest
    }
    if (rest > this.bytes.length >> 1) {
      const bigger = new Uint8Array(this.bytes.length * 2)
      bigger.set(this.bytes.subarray(0, rest))
      this.#replace(bigger)
    }
    return rest
  }

  filled(count: number): void {
    this.#filled += count
  }

  feed(chunk: Uint8Array): void {
    const at = this.room()
    if (at + chunk.length > this.bytes.length) {
      const bigger = new Uint8Array(Math.max(this.bytes.length * 2, at + chunk.length))
      bigger.set(this.bytes.subarray(0, at))
      this.#replace(bigger)
    }
    this.bytes.set(chunk, at)
    this.#filled = at + chunk.length
  }

  #replace(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }

  /** No more bytes will come: what is left is the last record. */
  end(): void {
    this.#ended = true
  }

  /** Moves to the next record; false when more bytes are needed (or the file is at its end). */
  next(): boolean {
    const bytes = this.bytes
    const slots = this.#slots
    const end = this.#filled
    let p = this.#position
    if (p >= end || (!this.#decided && !this.#decide())) return false
    const eol = this.#eol
    let start = p
    let field = 0
    if (this.#folds.length > 0) this.#folds.length = 0
    this.recordFrom = p
    const guides = this.#guides
    let guide = 0
    let guideAt = guides.length > 0 ? (guides[0] as Guide).first : NEVER
    let guideEnd = NEVER
    for (;;) {
      if (field === guideAt) {
        const { last } = guides[guide] as Guide
        const stop = (guides[guide] as Guide).expect(bytes, this.view, p, end)
        this.groupFrom[guide] = p
        if (stop >= 0) {
          this.groupTo[guide] = stop
          this.guessed[guide] = 1
          guide++
          guideAt = guide < guides.length ? (guides[guide] as Guide).first : NEVER
          field = last + 1
          start = p = stop + 1
          if (p === end && !this.#ended) return this.#incomplete(end)
          continue
        }
        this.guessed[guide] = 0
        guideAt = NEVER
        guideEnd = last
      }
      if (p < end && bytes[p] === QUOTE) {
        p = this.#quoted(p, end)
        if (p < 0) return this.#incomplete(end)
        const slot = slots[field] as number
        if (slot >= 0) {
          this.from[slot] = start + 1
          this.to[slot] = this.#closing
          if (this.#doubled) this.#folds.push(slot)
        }
        field++
      } else {
        let c = 0
        while (p < end && ((c = bytes[p] as number) > COMMA || (c !== COMMA && c !== eol))) p++
        if (p === end && !this.#ended) return this.#incomplete(end)
        const slot = slots[field] as number
        if (slot >= 0) {
          this.from[slot] = start
          this.to[slot] = p
        }
        field++
      }
      if (field > guideEnd) {
        this.groupTo[guide] = p
        guide++
        guideAt = guide < guides.length ? (guides[guide] as Guide).first : NEVER
        guideEnd = NEVER
      }
      if (p < end && bytes[p] === COMMA) {
        start = ++p
        if (p === end && !this.#ended) return this.#incomplete(end)
        continue
      }
      break
    }
    this.closed = p < end
    let stop = p
    if (eol === LF && stop > this.recordFrom && bytes[stop - 1] === CR) {
      stop--
      const slot = slots[field - 1] as number
      if (slot >= 0 && (this.to[slot] as number) > stop) this.to[slot] = stop
      if (guide > 0 && (this.groupTo[guide - 1] as number) > stop) this.groupTo[guide - 1] = stop
    }
    this.recordTo = stop
    this.fields = field
    // Fields that a short record lacks are empty, not what the record before had.
    for (let k = this.#columns.length - 1; k >= 0 && (this.#columns[k] as number) >= field; k--) {
      const slot = slots[this.#columns[k] as number] as number
      this.from[slot] = this.to[slot] = stop
    }
    this.#position = Math.min(p + 1, end)
    this.line = ++this.#lines
    for (const slot of this.#folds) this.#fold(slot)
    return true
  }

  /** A record of nothing, or of blanks and separators only. */
  get blank(): boolean {
    for (let p = this.recordFrom; p < this.recordTo; p++) {
      const c = this.bytes[p] as number
      if (c !== COMMA && c !== SPACE && c !== QUOTE && c !== 9) return false
    }
    return true
  }

  /** Text of a wanted field, as Latin-1 when it is no valid UTF-8. */
  text(slot: number): string {
    return decode(this.bytes, this.from[slot] as number, this.to[slot] as number)
  }

  /** Raw text of the current record, cut to a length that a log can bear. */
  raw(limit = 500): string {
    return decode(this.bytes, this.recordFrom, Math.min(this.recordTo, this.recordFrom + limit))
  }

  #closing = 0
  #doubled = false

  /** From an opening quote to the separator behind the closing one; -1 when the window ends first. */
  #quoted(open: number, end: number): number {
    const bytes = this.bytes
    let p = open + 1
    this.#doubled = false
    for (;;) {
      while (p < end && bytes[p] !== QUOTE) p++
      if (p >= end || (p + 1 >= end && !this.#ended)) {
        if (!this.#ended) return -1
        // Inside one line the file was cut off; over several, the closing quote is lost.
        this.runaway ||= bytes.subarray(open, end).includes(LF)
        this.#closing = p
        return end
      }
      if (bytes[p + 1] !== QUOTE || p + 1 >= end) break
      this.#doubled = true
      p += 2
    }
    this.#closing = p++
    // Bytes between the closing quote and the separator belong to no format; they are passed over like blanks.
    while (p < end && bytes[p] !== COMMA && bytes[p] !== this.#eol) p++
    return p === end && !this.#ended ? -1 : p
  }

  /** Folds doubled quotes in place: the window is ours, and a record is scanned once. */
  #fold(slot: number): void {
    const bytes = this.bytes
    let write = this.from[slot] as number
    const stop = this.to[slot] as number
    for (let read = write; read < stop; read++) {
      bytes[write++] = bytes[read] as number
      if (bytes[read] === QUOTE) read++
    }
    this.to[slot] = write
  }

  #incomplete(end: number): boolean {
    if (end - this.recordFrom > LONGEST_RECORD) {
      this.runaway = true
      this.#ended = true
    }
    return false
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const latin1 = new TextDecoder('latin1')

export function decode(bytes: Uint8Array, from: number, to: number): string {
  const view = bytes.subarray(from, to)
  try {
    return utf8.decode(view)
  } catch {
    return latin1.decode(view)
  }
}
