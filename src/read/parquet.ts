/**
 * Parquet as input: exports of gridstatus, and the data set of earlier converters, as the text that they would be as CSV. Only the
 * columns that are needed are read, column by column and in slices of rows, so that no row group has to be held.
 */
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { ConvertError, InputError } from '../model/errors.js'
import { CsvText } from './csv.js'
import { columnTexts, type Kind, kindOf, PARSERS } from './parquet-cells.js'
import type { ByteSource } from './zip-source.js'

/**
 * Rows at a time: the first few are all that recognising needs. A page may hold a million rows (DuckDB writes such) and is decoded for
 * each slice of it, so a slice costs memory as well as time; its values are held bare, and become texts a few at a time.
 */
const FIRST_SLICE = 1000
const SLICE = 1 << 16
const TEXTS = 1 << 13
/** Bytes of one column in one row group: they are read at once where the file has no index of its pages. */
const LARGEST_CHUNK = 128 << 20
const LARGEST_FOOTER = 32 << 20
const TAIL_BYTES = 8

export interface ParquetOptions {
  /** Positions of the columns that are needed, by the header; the others stay empty. */
  readonly columns?: (header: readonly string[]) => ReadonlySet<number>
  /** Only so many rows, the last ones, without the header and behind a line end. */
  readonly last?: number
}

interface Column {
  readonly name: string
  readonly kind: Kind
}

/** Streams a Parquet file as CSV. Throws InputError file.parquet for what is damaged, file.not_data for our own output. */
export async function* parquetText(source: ByteSource, where: string, options: ParquetOptions): AsyncGenerator<Buffer> {
  const damaged = (reason: string) =>
    new InputError('file.parquet', `a damaged Parquet file (${reason}). Download it again`, { file: where })
  /** What hyparquet says of bytes that it cannot read. */
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw error instanceof ConvertError ? error : damaged((error as Error).message)
    }
  }
  const tail = source.read(Math.max(0, source.size - TAIL_BYTES), TAIL_BYTES)
  if (source.size < 12 || tail.toString('latin1', 4) !== 'PAR1') throw damaged('its end is missing')
  if (tail.readUInt32LE(0) > LARGEST_FOOTER) throw damaged(`a footer of ${tail.readUInt32LE(0)} bytes`)
  const file = bufferOf(source)
  const metadata = await attempt(() => parquetMetadataAsync(file, { parsers: PARSERS, geoparquet: false }))
  refuseOutput(metadata, where)
  checkChunks(metadata, source.size, where)
  const columns = await attempt(async () => columnsOf(metadata))
  const header = columns.map(column => column.name)
  const text = new CsvText()
  if (options.last === undefined) text.header(header)
  else text.line([])
  const needed = options.columns?.(header) ?? new Set(header.keys())
  const wanted = columns.map((column, at) => (needed.has(at) ? column : undefined))
  const nested = wanted.find(column => column?.kind === 'nested')
  if (nested) throw damaged(`column ${nested.name} holds lists or records`)
  const scan = await attempt(() =>
    parquetScan({ file, metadata, compressors, parsers: PARSERS, geoparquet: false } as Parameters<
      typeof parquetScan
    >[0]),
  )
  const rows = Number(metadata.num_rows)
  for (const { from, to } of slicesOf(metadata, rows - (options.last ?? rows))) {
    const slices: (ReturnType<typeof columnTexts> | undefined)[] = []
    for (const column of wanted) {
      if (!column) slices.push(undefined)
      else {
        const { name, kind } = column
        const values = await attempt(() => scan.readColumn({ column: name, rowStart: from, rowEnd: to }))
        if (values.length !== to - from) throw damaged(`${values.length} values of ${name} in ${to - from} rows`)
        slices.push(columnTexts(values, kind))
      }
    }
    for (let at = 0; at < to - from; at += TEXTS) {
      const end = Math.min(to - from, at + TEXTS)
      const cells = slices.map(texts => texts?.(at, end))
      for (let row = 0; row < end - at; row++) {
        text.line(cells.map(column => column?.[row] ?? ''))
        if (text.full) yield text.take()
      }
    }
  }
  if (!text.empty) yield text.take()
}

function bufferOf(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.size,
    async slice(start, end = source.size) {
      const { buffer, byteOffset, byteLength } = await source.readLater(start, end - start)
      const whole = byteOffset === 0 && byteLength === buffer.byteLength
      return (whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer
    },
  }
}

/** What this program writes must not come back as if somebody had published it. */
function refuseOutput({ key_value_metadata, schema }: FileMetaData, where: string): void {
  const ours = key_value_metadata?.some(({ key }) => key === 'schema_version')
  if (ours && schema.some(({ name }) => name === 'source_report'))
    throw new InputError('file.not_data', 'this is a Parquet file that this program wrote: an output, not an input', {
      file: where,
    })
}

function checkChunks({ row_groups }: FileMetaData, size: number, where: string): void {
  for (const { columns } of row_groups)
    for (const { meta_data: chunk } of columns) {
      const start = Number(chunk?.dictionary_page_offset ?? chunk?.data_page_offset ?? -1)
      const bytes = Number(chunk?.total_compressed_size ?? -1)
      const name = chunk?.path_in_schema.join('.')
      if (start < 0 || bytes < 0 || start + bytes > size)
        throw new InputError('file.parquet', `a damaged Parquet file (column ${name} ends outside of it)`, {
          file: where,
        })
      if (bytes > LARGEST_CHUNK)
        throw new InputError(
          'file.parquet',
          `column ${name} has ${bytes} bytes in one row group; at most ${LARGEST_CHUNK} are read. Write it with smaller row groups`,
          { file: where },
        )
    }
}

/** An unnamed index, as pandas saves it beside the columns, says nothing. */
function columnsOf(metadata: FileMetaData): Column[] {
  return parquetSchema(metadata)
    .children.filter(({ element }) => !/^__index_level_\d+__$/.test(element.name))
    .map(({ element, children }) => ({
      name: element.name,
      kind: children.length > 0 || element.repetition_type === 'REPEATED' ? 'nested' : kindOf(element),
    }))
}

/** Rows from `first` on, in slices that do not cross the border of a row group. */
function* slicesOf({ row_groups }: FileMetaData, first: number): Generator<{ from: number; to: number }> {
  let start = 0
  let size = FIRST_SLICE
  for (const group of row_groups) {
    const end = start + Number(group.num_rows)
    for (let from = Math.max(start, first); from < end; size = SLICE) {
      const to = Math.min(end, from + size)
      yield { from, to }
      from = to
    }
    start = end
  }
}
