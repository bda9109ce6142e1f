/** One source from its first byte to its last: finds the header, sets up the reader of its layout, and lets it read. */
import { InputError } from '../model/errors.js'
import type { FileContext, Report } from '../model/report.js'
import {
  Header,
  headerCells,
  layoutError,
  MISPLACED,
  mismatch,
  PREAMBLE_LINES,
  unknownColumns,
} from '../read/header.js'
import { decode, type Scanner } from '../read/scan.js'
import { compile } from './compile.js'
import { ComponentsReader } from './components.js'
import type { ReadContext, SourceState } from './context.js'
import type { Beginning } from './held.js'
import { HoursReader } from './hours.js'
import type { Reader } from './reader.js'
import { RowsReader } from './rows.js'

const EVERY_COLUMN = Array.from({ length: 256 }, (_, at) => at)

export class SourceScan {
  reader: Reader | undefined
  /** Why what stands behind the first document is not read. */
  #refused: InputError | undefined
  #firstCells: string[] | undefined
  #headerLine = 0
  readonly #preamble: string[][]

  constructor(
    readonly scanner: Scanner,
    readonly context: ReadContext,
    readonly state: SourceState,
    readonly origin: number,
  ) {
    scanner.begin()
    scanner.want(EVERY_COLUMN)
    this.#preamble = state.file.preamble as string[][]
  }

  /** Reads all complete records that the scanner holds. */
  pump(): void {
    if (!this.reader && !this.#findHeader()) return
    while (this.reader) {
      if (this.#refused) this.#skip()
      else this.reader.read()
      const { next } = this.reader
      if (!next) break
      this.#further(next)
    }
    if (this.scanner.runaway) throw this.#runaway()
  }

  /** The bytes are at their end. Returns 'empty' for a file without any line but blank ones. */
  finish(): 'read' | 'empty' | 'header only' {
    this.scanner.end()
    this.pump()
    const { state, scanner } = this
    if (!this.reader) {
      const lines = this.#preamble.filter(cells => cells.some(cell => cell.trim() !== ''))
      if (lines.length === 0 || /^"?no data/i.test(lines[0]?.[0] ?? '')) return 'empty'
      throw layoutError(state.report, this.#firstCells ?? [''], state.display, 1)
    }
    this.reader.finish()
    if (this.#refused) throw this.#refused
    if (state.report.tagged && !state.sawTrailer)
      throw new InputError('csv.truncated', 'the closing T line is missing: the file was cut off', {
        file: state.display,
      })
    if (!scanner.closed && !state.report.tagged) state.warnings.add('no line end after the last record')
    if (scanner.line - this.#headerLine === state.report.page)
      state.warnings.add(
        `exactly ${state.report.page} records, where the publisher cuts answers: probably not all of it`,
      )
    let rows = state.rejected.size + state.records
    for (const count of state.perLeaf) rows += count ?? 0
    for (const count of state.others.values()) rows += count
    return rows === 0 ? 'header only' : 'read'
  }

  #findHeader(): boolean {
    const { scanner, state } = this
    while (scanner.next()) {
      const line = decode(scanner.bytes, scanner.recordFrom, Math.min(scanner.recordTo, scanner.recordFrom + 65_536))
      const cells = headerCells(line)
      const wrong = mismatch(state.report, new Header(cells))
      if (wrong === MISPLACED) throw layoutError(state.report, cells, state.display, scanner.line)
      if (wrong === null) {
        this.#headerLine = scanner.line
        this.#begin(cells, state.file, this.#originFor(cells, state.file))
        return true
      }
      if (cells.some(cell => cell.trim() !== '')) this.#firstCells ??= cells
      this.#preamble.push(cells)
      if (this.#preamble.length > PREAMBLE_LINES)
        throw layoutError(state.report, this.#firstCells ?? cells, state.display, scanner.line)
    }
    return false
  }

  /** Sets up the reader of the layout behind a header line. */
  #begin(cells: readonly string[], file: FileContext, origin: number): void {
    const { scanner, state, context } = this
    const header = new Header(cells)
    const compiled = compile(state.report, header, context)
    state.header = cells
    // A second table of the document may name its columns otherwise; what is new in a report, its first one tells.
    if (!this.reader || file !== this.reader.file)
      state.unknownColumns = [...new Set([...state.unknownColumns, ...unknownColumns(state.report, header)])]
    scanner.want(compiled.slots.columns, compiled.guides)
    const Layout = { rows: RowsReader, components: ComponentsReader, hours: HoursReader }[state.report.layout.kind]
    this.reader = new Layout(scanner, compiled, context, state, origin, file)
  }

  /**
   * Another header inside the file. Without lines before it the document goes on, perhaps with its columns in another order; with
   * them a further document begins, for which neither the date nor the title of the first holds, nor the name of the file.
   */
  #further({ header, preamble }: Beginning): void {
    const { state, context, scanner } = this
    const before = this.reader as Reader
    if (preamble.every(cells => cells.every(cell => cell.trim() === ''))) {
      this.#begin(header, before.file, before.defaultOrigin)
      return
    }
    const { day: _, ...groups } = state.file.groups
    const file = { ...state.file, groups, preamble }
    context.join.clear()
    try {
      this.#begin(header, file, this.#originFor(header, file))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.#refused = new InputError(
        'csv.second_document',
        `a second document begins here, and nothing tells its day: it was not read, nor anything behind it (${error.message})`,
        { file: state.display, line: scanner.line },
      )
      before.next = undefined
    }
  }

  #skip(): void {
    while (this.scanner.next());
  }

  /** The document as its report declares it, or as the version that path, header and first lines tell. */
  #originFor(header: readonly string[], file: FileContext): number {
    const { report, warnings } = this.state
    const lines = () => [file.path, ...[...file.preamble, header].map(cells => cells.join(','))]
    const version = report.versions?.find(({ mark }) => lines().some(line => mark.test(line)))
    const base = this.context.origins[this.origin]
    if (!base || (!version && file === this.state.file)) return this.origin
    if (version?.warning) warnings.add(version.warning)
    const published = version?.published ?? report.published
    return this.context.addOrigin({
      ...base,
      ...(file === this.state.file ? {} : { file }),
      finality: version?.finality ?? base.finality,
      report: published === undefined ? report : { ...report, published },
    })
  }

  #runaway(): InputError {
    return new InputError('csv.unclosed_quote', 'a quote opens here and never closes', {
      file: this.state.display,
      line: this.scanner.line + 1,
    })
  }
}

/** Recognises a report from the first lines of a file: the header, and the lines before it. Null if they do not fit. */
export function fitsHeader(report: Report, lines: readonly Header[], needsHeading: boolean): boolean {
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as Header
    if (line.isData || mismatch(report, line) !== null) continue
    const { heading } = report
    if (!heading || !needsHeading) return true
    return lines.slice(0, at).some(({ cells }) => cells.some(cell => heading.test(cell)))
  }
  return false
}
