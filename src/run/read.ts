/** Reads the sources of a unit in batches of at most 50 files: bytes to rows to sealed runs, within the unit's memory. */
import { createHash, type Hash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { RunStore } from '../merge/store.js'
import { Breath } from '../model/breath.js'
import { asConvertError, type ConvertError, InputError, TemporaryError } from '../model/errors.js'
import type { Report } from '../model/report.js'
import type { Progress, UnitOptions, UnitSource } from '../model/unit.js'
import { Header, neededColumns } from '../read/header.js'
import { type Member, PlainReader } from '../read/members.js'
import { isPlain, openText } from '../read/open.js'
import { refusal } from '../read/refuse.js'
import { Scanner } from '../read/scan.js'
import { compact, newSource, type ReadContext, type SourceState } from '../shape/context.js'
import { SourceScan } from '../shape/source.js'
import { type Ahead, ReadAhead } from './ahead.js'

/** Thrown for an answer that says "no data": not an error, and nothing to read. */
const NO_DATA = new Error('no data')

export interface SourceResult {
  readonly source: UnitSource
  readonly state: SourceState
  readonly sha256: string
  readonly outcome: 'read' | 'empty' | 'header only' | 'failed'
  readonly problem: ConvertError | undefined
}

/**
 * Where the unit's memory goes: a quarter is the table, half are sealed runs, the rest is for what copies and sorts them.
 * A batch ends after so many files, or after four times that memory in bytes of text.
 */
export class UnitReader {
  readonly store: RunStore
  readonly results: SourceResult[] = []
  readonly #scanner = new Scanner()
  readonly #breath = new Breath()
  readonly #origins = new Map<string, number>()
  readonly #tableRows: number
  #document = ''

  constructor(
    readonly context: ReadContext,
    readonly reportOf: (id: string) => Report,
    readonly options: UnitOptions,
    readonly progress: (progress: Progress) => void,
  ) {
    const { memory, tmpDir } = options
    const { table, series, leaves, dataset } = context
    this.#tableRows = Math.floor(memory / 4 / table.rowBytes)
    table.expect(this.#tableRows)
    this.store = new RunStore(memory / 2, tmpDir || tmpdir(), { series, leaves, step: dataset.minutes * 60 })
  }

  async readAll(iso: string, sources: readonly UnitSource[]): Promise<void> {
    const { batchFiles, maxInFlight, memory } = this.options
    const ahead = new ReadAhead(sources, maxInFlight, memory / 16)
    for (let from = 0, batch = 1; from < sources.length; batch++) {
      const to = endOfBatch(sources, from, batchFiles, memory * 4)
      this.progress({ kind: 'batch', iso, batch, from: from + 1, to, of: sources.length })
      for (let at = from; at < to; at++) await this.#read(at, sources[at] as UnitSource, await ahead.take(at))
      await this.#seal()
      from = to
    }
  }

  /** Removes spilled runs. */
  close(): void {
    this.store.close()
  }

  async #read(index: number, source: UnitSource, ahead: Ahead): Promise<void> {
    const report = this.reportOf(source.report)
    const member = source.member as Member
    const state = newSource({
      index,
      display: source.display,
      report,
      document: source.document,
      file: {
        name: member.name,
        path: source.display,
        groups: source.groups,
        preamble: [],
        memberTime: source.memberTime,
      },
    })
    for (const { message } of member.warnings) state.warnings.add(message)
    const hash = createHash('sha256')
    let outcome: SourceResult['outcome'] = 'failed'
    let problem: ConvertError | undefined
    try {
      if (source.document !== this.#document) this.context.join.clear()
      this.#document = source.document
      const scan = new SourceScan(this.#scanner, this.context, state, this.#originOf(index, source, report))
      if (isPlain(member)) await this.#pumpPlain(member.path, source, scan, hash)
      else {
        if (ahead.error) throw ahead.error
        for (const { message } of ahead.warnings ?? []) state.warnings.add(message)
        const warn = (warning: { message: string }) => state.warnings.add(warning.message)
        const columns = (names: readonly string[]) => neededColumns(report, new Header(names))
        await this.#pumpChunks(ahead.chunks ?? openText(member, warn, { columns }), source, scan, hash)
      }
      outcome = scan.finish()
    } catch (error) {
      const known = asConvertError(error, { file: source.display })
      // What is wrong with the file is the file's problem; anything else (it changed, the disk is full) is the unit's.
      if (error === NO_DATA) outcome = 'empty'
      else if (known instanceof InputError) problem = known
      else throw known
      // Whole lines of a file that was cut off are good, and so is the first of two documents; what is lost is reported all the same.
      if (problem?.code === 'csv.truncated' || problem?.code === 'csv.second_document') outcome = 'read'
    }
    this.results.push({ source, state: compact(state), sha256: hash.digest('hex'), outcome, problem })
  }

  #originOf(index: number, source: UnitSource, report: Report): number {
    const key = `${source.document}\n${report.id}`
    let origin = this.#origins.get(key)
    if (origin === undefined) {
      origin = this.context.addOrigin({
        source: index,
        report,
        finality: report.finality ?? { priority: 0, revision: 1, final: true },
        current: true,
      })
      this.#origins.set(key, origin)
    }
    return origin
  }

  async #pumpPlain(path: string, source: UnitSource, scan: SourceScan, hash: Hash): Promise<void> {
    const reader = new PlainReader(path)
    try {
      if (reader.size !== source.size) throw changed(source)
      let first = true
      for (;;) {
        const at = this.#scanner.room()
        const got = reader.read(this.#scanner.bytes, at)
        if (got === 0) break
        const chunk = this.#scanner.bytes.subarray(at, at + got)
        hash.update(chunk)
        if (first) this.#begin(chunk, source)
        first = false
        this.#scanner.filled(got)
        this.#pump(scan, got)
        if (this.#full) await this.#seal()
        else if (this.#breath.due) await this.#breath.take()
      }
      if (reader.changed()) throw changed(source)
    } finally {
      reader.close()
    }
  }

  async #pumpChunks(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    source: UnitSource,
    scan: SourceScan,
    hash: Hash,
  ): Promise<void> {
    let first = true
    for await (const chunk of chunks) {
      hash.update(chunk)
      if (first) this.#begin(chunk, source)
      first = false
      // Large chunks go through in pieces, so that the scanner's window stays in the processor's cache.
      for (let at = 0; at < chunk.length; at += 1 << 18) {
        this.#scanner.feed(chunk.subarray(at, at + (1 << 18)))
        this.#pump(scan, Math.min(chunk.length - at, 1 << 18))
        if (this.#full) await this.#seal()
        else if (this.#breath.due) await this.#breath.take()
      }
    }
  }

  #begin(head: Uint8Array, source: UnitSource): void {
    const refused = refusal(head, source.display)
    if (refused === 'empty') throw NO_DATA
    if (refused) throw refused
  }

  #pump(scan: SourceScan, bytes: number): void {
    const { table } = this.context
    const before = table.rows
    scan.pump()
    this.progress({ kind: 'bytes', bytes, rows: table.rows - before })
  }

  get #full(): boolean {
    const { rows } = this.context.table
    return rows > 0 && rows >= this.#tableRows
  }

  /** Sorts what the table holds into a run. */
  async #seal(): Promise<void> {
    const { table, join } = this.context
    if (table.rows === 0) return
    await this.store.add(table)
    table.clear()
    join.clear()
  }
}

/** At least one file, however large. */
function endOfBatch(sources: readonly UnitSource[], from: number, files: number, bytes: number): number {
  let to = from
  for (let held = 0; to < sources.length && to - from < files; to++) {
    held += (sources[to] as UnitSource).size
    if (to > from && held > bytes) break
  }
  return to
}

function changed(source: UnitSource): TemporaryError {
  return new TemporaryError('file.changed', 'the file changed since it was listed; run again', { file: source.display })
}
