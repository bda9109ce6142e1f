/** One source from its first byte to its last: finds the header, sets up the reader of its layout, and lets it read. */
import { InputError } from '../model/errors.js'
import type { Report } from '../model/report.js'
import { cellsOf, Header, layoutError, MISPLACED, mismatch, PREAMBLE_LINES, unknownColumns } from '../read/header.js'
import { decode, type Scanner } from '../read/scan.js'
import { compile } from './compile.js'
import { ComponentsReader } from './components.js'
import type { ReadContext, SourceState } from './context.js'
import { HoursReader } from './hours.js'
import type { Reader } from './reader.js'
import { RowsReader } from './rows.js'

const EVERY_COLUMN = Array.from({ length: 256 }, (_, at) => at)

export class SourceScan {
  reader: Reader | undefined
  #firstCells: string[] | undefined
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
    this.reader?.read()
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
    if (state.report.tagged && !state.sawTrailer)
      throw new InputError('csv.truncated', 'the closing T line is missing: the file was cut off', {
        file: state.display,
      })
    if (!scanner.closed && !state.report.tagged) state.warnings.add('no line end after the last record')
    const rows = state.perLeaf.reduce((sum, count) => sum + (count ?? 0), 0)
    return rows + state.rejected.size + state.records === 0 ? 'header only' : 'read'
  }

  #findHeader(): boolean {
    const { scanner, state, context } = this
    while (scanner.next()) {
      const line = decode(scanner.bytes, scanner.recordFrom, Math.min(scanner.recordTo, scanner.recordFrom + 65_536))
      const cells = headerCells(line)
      const header = new Header(cells)
      const wrong = mismatch(state.report, header)
      if (wrong === MISPLACED) throw layoutError(state.report, cells, state.display, scanner.line)
      if (wrong === null) {
        const compiled = compile(state.report, header, context)
        state.header = cells
        state.unknownColumns = unknownColumns(state.report, header)
        scanner.want(compiled.slots.columns, compiled.guides)
        const Layout = { rows: RowsReader, components: ComponentsReader, hours: HoursReader }[state.report.layout.kind]
        this.reader = new Layout(scanner, compiled, context, state, this.#originFor(cells))
        return true
      }
      if (cells.some(cell => cell.trim() !== '')) this.#firstCells ??= cells
      this.#preamble.push(cells)
      if (this.#preamble.length > PREAMBLE_LINES)
        throw layoutError(state.report, this.#firstCells ?? cells, state.display, scanner.line)
    }
    return false
  }

  /** The document as its report declares it, or as the version that path, header and first lines tell. */
  #originFor(header: readonly string[]): number {
    const { report, file, warnings } = this.state
    const lines = () => [file.path, ...[...this.#preamble, header].map(cells => cells.join(','))]
    const version = report.versions?.find(({ mark }) => lines().some(line => mark.test(line)))
    const base = this.context.origins[this.origin]
    if (!version || !base) return this.origin
    if (version.warning) warnings.add(version.warning)
    const published = version.published ?? report.published
    return this.context.addOrigin({
      ...base,
      finality: version.finality ?? base.finality,
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

/** A header line is mostly plain; one that csv-parse refuses is split at its commas. */
export function headerCells(line: string): string[] {
  try {
    return cellsOf(line)
  } catch {
    return line.split(',')
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
