/**
 * Answers of the ISOs' web services, saved as JSON, as the delimited text that they would be as CSV: the array of rows is found
 * wherever it stands, rows are arrays under names (`fields`, `headers`) or objects, and objects in them become columns.
 * One pass, or two where the names stand behind the rows; never more than some first rows in memory.
 */
import { InputError } from '../model/errors.js'
import { CsvText, quoted } from './csv.js'
import { type JsonEvents, JsonTokens } from './json-tokens.js'
import { FIRST_ROWS, MOST_COLUMNS, NAMES, OTHERS, ROWS, SAYS, TOTALS } from './json-words.js'
import type { Warning } from './zip-model.js'

/** Where the rows are, as a first pass found it. */
interface Finding {
  readonly path: string
  readonly names: readonly string[] | undefined
}

/** @param open streams the JSON from its start; called again where names stand behind the rows. Throws InputError file.json. */
export async function* jsonText(
  open: () => AsyncIterable<Uint8Array>,
  where: string,
  onWarning: (warning: Warning) => void,
): AsyncGenerator<Buffer> {
  let known: Finding | undefined
  for (;;) {
    const table = new JsonTable(known, where)
    const tokens = new JsonTokens(where, table)
    for await (const chunk of open()) {
      for (let at = 0; at < chunk.length; at += 1 << 16) {
        tokens.write(chunk.subarray(at, at + (1 << 16)))
        if (table.text.full) yield table.text.take()
      }
    }
    tokens.end()
    if (table.begun || known || !table.found) {
      table.finish(onWarning)
      if (!table.text.empty) yield table.text.take()
      return
    }
    known = { ...table.found, names: table.names }
  }
}

/** Finds the rows among the tokens and writes them down. */
class JsonTable implements JsonEvents {
  readonly text = new CsvText()
  /** Rows were found, and are being written. */
  begun = false
  /** Rows that could not be written in this pass, or that stand under a name which says nothing. */
  found: { readonly path: string } | undefined
  readonly #path: { readonly array: boolean; key: string }[] = []
  /** Depth of the array of rows while inside it. */
  #rows = 0
  #skipped = 0
  names: string[] | undefined
  #row: string[] = []
  #first: string[][] | undefined = []
  readonly #columns = new Map<string, number>()
  readonly #unknown = new Set<string>()
  #count = 0
  #total = 0
  #lastPage = true
  #says = ''
  #values = 0
  #objects = false
  /** The last token opened an array. */
  #justOpened = false
  /** The array of rows is there, and empty. */
  #noRows = false

  constructor(
    readonly known: Finding | undefined,
    readonly where: string,
  ) {
    this.names = known?.names ? [...known.names] : undefined
  }

  open(array: boolean): void {
    this.#justOpened = array
    const depth = this.#path.length
    const parent = this.#path.at(-1)
    if (!this.#rows && parent?.array) this.#perhapsRows(array)
    this.#path.push({ array, key: '' })
    if (this.#rows !== depth || this.#rows === 0) return
    this.#row = []
    if (array === this.#objects) throw this.#refuse('rows that are arrays and objects in turn')
  }

  /** An array whose first element is an array or an object. */
  #perhapsRows(array: boolean): void {
    const depth = this.#path.length
    if (this.begun || this.#skipped || this.#path.slice(0, -1).some(each => each.array)) return
    const keys = this.#path.slice(0, -1).map(each => each.key)
    const path = keys.join('\n')
    const own = keys.at(-1) ?? ''
    if (OTHERS.test(own)) return
    const outer = keys.at(-2) ?? ''
    // ISO-NE wraps its rows: HourlyLmps.HourlyLmp.
    const wrapped = keys.length === 2 && outer.startsWith(own)
    const sure = this.known ? this.known.path === path : keys.length === 0 || ROWS.test(own) || wrapped
    if (!sure) {
      this.found ??= { path }
      return
    }
    if (array && !this.names) {
      // Their names may still come.
      this.found = { path }
      this.#skipped = depth
      return
    }
    this.begun = true
    this.#rows = depth
    this.#objects = !array
    if (array) this.text.header(this.names as string[])
  }

  close(): void {
    if (this.#justOpened && ROWS.test(this.#path.at(-2)?.key ?? '')) this.#noRows = true
    this.#justOpened = false
    this.#path.pop()
    const depth = this.#path.length
    if (this.#rows && depth === this.#rows) this.#endRow()
    else if (depth === this.#rows - 1) this.#rows = 0
    else if (depth === this.#skipped - 1) {
      // What comes behind the rows is looked at, but no second array of rows.
      this.#skipped = Number.POSITIVE_INFINITY
    }
  }

  key(name: string): void {
    const frame = this.#path.at(-1)
    if (frame) frame.key = name
  }

  value(text: string, kind: 'string' | 'number' | 'word'): void {
    this.#justOpened = false
    const shown = text === 'null' && kind === 'word' ? '' : text
    if (this.#rows && this.#path.length > this.#rows) this.#cell(quoted(shown))
    else if (this.#skipped === 0 || this.#skipped === Number.POSITIVE_INFINITY || this.#path.length < this.#skipped)
      this.#outside(shown, kind)
  }

  #outside(text: string, kind: string): void {
    const keys = this.#path.map(each => each.key)
    const own = keys.at(-1) ?? ''
    if (text !== '') this.#values++
    if (TOTALS.test(own)) this.#total = Number(text)
    if (own === 'lastPage' && text === 'false') this.#lastPage = false
    if (kind === 'string' && SAYS.test(own) && this.#path.length <= 3) this.#says ||= text
    // `fields: ["a", ..]`, `headers: [..]` or `fields: [{"name": "a"}, ..]`, in the answer itself.
    const list = this.#path[1]?.array && NAMES.test(keys[0] ?? '') && kind === 'string'
    if (!list || !(this.#path.length === 2 || (this.#path.length === 3 && own === 'name'))) return
    this.names ??= []
    this.names.push(text)
  }

  #cell(cell: string): void {
    if (!this.#objects) {
      if (this.#path.length > this.#rows + 1) throw this.#refuse('rows with arrays or objects in their cells')
      this.#row.push(cell)
      return
    }
    const at = this.#columnOf()
    if (at < 0) return
    const inList = this.#path.length > this.#rows + 1 && this.#path.at(-1)?.array
    const before = inList ? this.#row[at] : undefined
    this.#row[at] = before === undefined ? cell : `${before};${cell}`
  }

  /** `{"Location": {"$": "A", "@LocId": "1"}}` has the columns Location and LocId, any other nested object `outer.inner`. */
  #columnOf(): number {
    const inner = this.#path.length === this.#rows + 1 ? '' : this.#innerName()
    const name = inner || (this.#path[this.#rows]?.key ?? '')
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    if (!this.#first) {
      this.#unknown.add(name.slice(0, 60))
      return -1
    }
    if (this.#columns.size >= MOST_COLUMNS) throw this.#refuse(`rows of more than ${MOST_COLUMNS} columns`)
    this.#columns.set(name, this.#columns.size)
    return this.#columns.size - 1
  }

  #innerName(): string {
    const keys = this.#path
      .slice(this.#rows)
      .filter(each => !each.array)
      .map(each => each.key)
    const last = keys.at(-1) ?? ''
    if (last.startsWith('@')) return last.slice(1)
    if (last === '$') keys.pop()
    return keys.join('.')
  }

  #endRow(): void {
    this.#count++
    if (!this.#objects) this.text.line(this.#row)
    else if (this.#first) {
      this.#first.push(this.#row)
      if (this.#first.length >= FIRST_ROWS) this.#flush()
    } else this.#writeRow(this.#row)
  }

  /** The header, and the rows that made it. */
  #flush(): void {
    const rows = this.#first ?? []
    this.#first = undefined
    if (rows.length === 0) return
    this.text.header([...this.#columns.keys()])
    for (const row of rows) this.#writeRow(row)
  }

  #writeRow(row: string[]): void {
    for (let at = 0; at < this.#columns.size; at++) row[at] ??= ''
    this.text.line(row)
  }

  /** Throws InputError file.json where the JSON holds no table and does not say "no data" either. */
  finish(onWarning: (warning: Warning) => void): void {
    if (!this.begun) {
      if (this.found) throw this.#refuse('rows without the names of their columns')
      if (this.#values > 0 && !this.#noRows)
        throw this.#refuse(this.#says ? `no table: "${this.#says.slice(0, 200)}"` : 'no table')
      return
    }
    if (this.#objects) this.#flush()
    if (this.#unknown.size > 0)
      onWarning({
        code: 'json.late_columns',
        message: `columns that the first ${FIRST_ROWS} rows lack were left out: ${[...this.#unknown].slice(0, 20).join(', ')}`,
      })
    if (this.#total > this.#count || !this.#lastPage)
      onWarning({
        code: 'json.page',
        message: `a page of ${this.#count} rows${this.#total > 0 ? ` of ${this.#total}` : ''}, probably not the whole answer: the other pages must lie beside it`,
      })
  }

  #refuse(what: string): InputError {
    return new InputError(
      'file.json',
      `this is JSON with ${what}, not a table: an error message, or an API answer of a kind that no report here reads`,
      { file: this.where },
    )
  }
}
