/**
 * JSON, token by token as it streams in, in memory that does not grow with it. Our own, because values must keep their printed text:
 * every streaming parser at hand gives numbers as doubles, and `545.530000` is not to come out as 545.53.
 */
import { InputError } from '../model/errors.js'

export interface JsonEvents {
  open(array: boolean): void
  close(): void
  key(name: string): void
  /** A string's characters, a number as it is printed, or true, false, null. */
  value(text: string, kind: 'string' | 'number' | 'word'): void
}

/** Answers nest a handful of levels. */
const DEEPEST = 64
/** Bytes of one string or number. */
const LARGEST_TOKEN = 1 << 20

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/
const BOM = Buffer.from('\ufeff')
const NOTHING = Buffer.alloc(0)

/** What may come next. */
type Expecting = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

export class JsonTokens {
  /** Per open bracket: whether it is an array's. */
  readonly #open: boolean[] = []
  #expecting: Expecting = 'value'
  /** A token whose end is in the next chunk. */
  #rest: Buffer = NOTHING
  #first = true

  constructor(
    readonly where: string,
    readonly events: JsonEvents,
  ) {}

  /** Throws InputError file.json for what is no JSON, or no JSON that anybody publishes. */
  write(chunk: Uint8Array): void {
    const given = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, given]) : given
    this.#rest = NOTHING
    // Enough to see a byte order mark.
    if (this.#first && bytes.length < BOM.length) {
      this.#rest = Buffer.from(bytes)
      return
    }
    let at = this.#first && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0
    this.#first = false
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (byte === 32 || byte === 10 || byte === 13 || byte === 9) {
        at++
        continue
      }
      const next = this.#token(bytes, at, byte, false)
      if (next < 0) {
        if (bytes.length - at > LARGEST_TOKEN) throw this.#refuse(`a text of more than ${LARGEST_TOKEN} bytes`)
        // A copy: the chunk belongs to whoever gave it.
        this.#rest = Buffer.from(bytes.subarray(at))
        return
      }
      at = next
    }
  }

  /** Throws InputError file.json where the JSON is not complete. */
  end(): void {
    if (this.#first) {
      this.#first = false
      this.write(NOTHING)
    }
    const rest = this.#rest
    if (rest.length > 0 && this.#token(rest, 0, rest[0] as number, true) < 0) throw this.#cut()
    if (this.#expecting !== 'nothing') throw this.#cut()
  }

  /** Reads the token at a place and gives where it ends; -1 if that is not in these bytes. */
  #token(bytes: Buffer, at: number, byte: number, last: boolean): number {
    switch (byte) {
      case QUOTE:
        return this.#string(bytes, at)
      case COMMA:
        if (this.#expecting !== 'comma or end') throw this.#odd(',')
        this.#expecting = this.#open.at(-1) ? 'value' : 'key'
        return at + 1
      case COLON:
        if (this.#expecting !== 'colon') throw this.#odd(':')
        this.#expecting = 'value'
        return at + 1
      case 123: // {
      case 91: // [
        this.#begin(byte === 91)
        return at + 1
      case 125: // }
      case 93: // ]
        this.#finish(byte === 93)
        return at + 1
      default:
        return this.#bare(bytes, at, last)
    }
  }

  #begin(array: boolean): void {
    this.#expectValue(array ? '[' : '{')
    if (this.#open.length >= DEEPEST) throw this.#refuse(`JSON that nests deeper than ${DEEPEST} levels`)
    this.#open.push(array)
    this.#expecting = array ? 'value or end' : 'key or end'
    this.events.open(array)
  }

  #finish(array: boolean): void {
    const expected = this.#expecting === 'comma or end' || this.#expecting === (array ? 'value or end' : 'key or end')
    if (!expected || this.#open.pop() !== array) throw this.#odd(array ? ']' : '}')
    this.#done()
    this.events.close()
  }

  #string(bytes: Buffer, at: number): number {
    let end = bytes.indexOf(QUOTE, at + 1)
    while (end >= 0 && isEscaped(bytes, end, at)) end = bytes.indexOf(QUOTE, end + 1)
    if (end < 0) return -1
    const text = bytes.toString('utf8', at + 1, end)
    const plain = text.includes('\\') ? this.#unescaped(text) : text
    if (this.#expecting === 'key' || this.#expecting === 'key or end') {
      this.#expecting = 'colon'
      this.events.key(plain)
    } else {
      this.#expectValue('"')
      this.#done()
      this.events.value(plain, 'string')
    }
    return end + 1
  }

  #unescaped(text: string): string {
    try {
      return JSON.parse(`"${text}"`) as string
    } catch {
      throw this.#odd(`"${text.slice(0, 40)}"`)
    }
  }

  /** A number, or one of three words. */
  #bare(bytes: Buffer, at: number, last: boolean): number {
    let end = at
    while (end < bytes.length && isBare(bytes[end] as number)) end++
    if (end === bytes.length && !last) return -1
    const text = bytes.toString('latin1', at, end)
    const word = text === 'null' || text === 'true' || text === 'false'
    if (!word && !NUMBER.test(text)) throw this.#odd(text.slice(0, 40) || String.fromCharCode(bytes[at] as number))
    this.#expectValue(text)
    this.#done()
    this.events.value(text, word ? 'word' : 'number')
    return end
  }

  #expectValue(found: string): void {
    if (this.#expecting !== 'value' && this.#expecting !== 'value or end') throw this.#odd(found)
  }

  #done(): void {
    this.#expecting = this.#open.length > 0 ? 'comma or end' : 'nothing'
  }

  #odd(found: string): InputError {
    return this.#refuse(`JSON that is damaged: found ${found} where a ${this.#expecting} must stand`)
  }

  #cut(): InputError {
    return this.#refuse('JSON that ends too early: it was cut off. Download it again')
  }

  #refuse(what: string): InputError {
    return new InputError('file.json', `this is ${what}`, { file: this.where })
  }
}

function isEscaped(bytes: Buffer, at: number, from: number): boolean {
  let slashes = 0
  while (at - 1 - slashes > from && bytes[at - 1 - slashes] === BACKSLASH) slashes++
  return slashes % 2 === 1
}

/** Digits, letters, signs and the point. */
function isBare(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 122) || byte === 45 || byte === 43 || byte === 46
  )
}
