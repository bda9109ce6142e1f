/**
 * Reads our own files back through hyparquet, an implementation that shares nothing with the writer and is known only here:
 * `verifyParquet` before a file takes its target's place, `inspectParquet` for people.
 */
import { asyncBufferFromFile, type ColumnMetaData, type FileMetaData, parquetMetadataAsync } from 'hyparquet'
import { asConvertError, InternalError } from '../model/errors.js'

const MAGIC_BYTES = 4
/** The footer's length and the magic after it. */
const TAIL_BYTES = 8

export type Statistic = string | number | boolean

export interface InspectedColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
}

export interface InspectedChunk {
  readonly name: string
  readonly encodings: readonly string[]
  readonly compression: string
  readonly bytes: number
  readonly uncompressed: number
  readonly nulls?: number
  readonly min?: Statistic
  readonly max?: Statistic
}

export interface InspectedFile {
  readonly path: string
  readonly bytes: number
  readonly rows: number
  readonly createdBy?: string
  readonly metadata: Readonly<Record<string, string>>
  readonly schema: readonly InspectedColumn[]
  readonly rowGroups: readonly {
    readonly rows: number
    readonly bytes: number
    readonly columns: readonly InspectedChunk[]
  }[]
}

/** Reads the footer only: row counts, and that every column chunk lies inside the file, none upon another. */
export async function verifyParquet(path: string, expectRows: number): Promise<void> {
  const { bytes, footer } = await readFooter(path)
  const refuse = (message: string) => new InternalError('parquet.verify', message, { file: path })
  const rows = Number(footer.num_rows)
  if (rows !== expectRows) throw refuse(`expected ${expectRows} rows, the footer says ${rows}`)
  const leaves = footer.schema.length - 1
  const end = bytes - TAIL_BYTES - footer.metadata_length
  let offset = MAGIC_BYTES
  let total = 0
  for (const [index, group] of footer.row_groups.entries()) {
    const groupRows = Number(group.num_rows)
    total += groupRows
    if (group.columns.length !== leaves)
      throw refuse(`row group ${index} has ${group.columns.length} of ${leaves} columns`)
    for (const { meta_data: chunk } of group.columns) {
      if (!chunk) throw refuse(`row group ${index} has a column without metadata`)
      const at = `row group ${index}, column ${chunk.path_in_schema.join('.')}`
      const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset)
      const size = Number(chunk.total_compressed_size)
      if (Number(chunk.num_values) !== groupRows) throw refuse(`${at}: ${chunk.num_values} values in ${groupRows} rows`)
      if (start < offset || size <= 0 || start + size > end || Number(chunk.data_page_offset) >= start + size)
        throw refuse(`${at}: bytes ${start} to ${start + size} are not between ${offset} and ${end}`)
      offset = start + size
    }
  }
  if (total !== expectRows) throw refuse(`expected ${expectRows} rows, the row groups have ${total}`)
}

/** Everything the footer says, as plain values that JSON can hold. */
export async function inspectParquet(path: string): Promise<InspectedFile> {
  const { bytes, footer } = await readFooter(path)
  const leaves = footer.schema.slice(1)
  return {
    path,
    bytes,
    rows: Number(footer.num_rows),
    ...(footer.created_by !== undefined && { createdBy: footer.created_by }),
    metadata: Object.fromEntries((footer.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''])),
    schema: leaves.map(leaf => ({
      name: leaf.name,
      type: typeName(leaf),
      nullable: leaf.repetition_type === 'OPTIONAL',
    })),
    rowGroups: footer.row_groups.map(group => ({
      rows: Number(group.num_rows),
      bytes: Number(group.total_compressed_size ?? group.total_byte_size),
      columns: group.columns.map(({ meta_data }, index) => inspectChunk(meta_data!, leaves[index]!)),
    })),
  }
}

type Leaf = FileMetaData['schema'][number]

function inspectChunk(chunk: ColumnMetaData, leaf: Leaf): InspectedChunk {
  const { statistics } = chunk
  const min = plain(statistics?.min_value, leaf)
  const max = plain(statistics?.max_value, leaf)
  return {
    name: chunk.path_in_schema.join('.'),
    encodings: chunk.encodings,
    compression: chunk.codec,
    bytes: Number(chunk.total_compressed_size),
    uncompressed: Number(chunk.total_uncompressed_size),
    ...(statistics?.null_count !== undefined && { nulls: Number(statistics.null_count) }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  }
}

/** Days without a time, wall clocks without a zone, and a zero without its sign. */
function plain(value: unknown, leaf: Leaf): Statistic | undefined {
  if (value instanceof Date) {
    const text = value.toISOString()
    if (leaf.converted_type === 'DATE') return text.slice(0, 10)
    return isUtc(leaf) ? text : text.slice(0, -1)
  }
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) + 0
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined
}

const isUtc = (leaf: Leaf) => leaf.logical_type?.type === 'TIMESTAMP' && leaf.logical_type.isAdjustedToUTC

function typeName(leaf: Leaf): string {
  const logical = leaf.logical_type
  switch (logical?.type) {
    case 'TIMESTAMP':
      return `${leaf.type} TIMESTAMP(${logical.unit}${isUtc(leaf) ? ', UTC' : ''})`
    case 'INTEGER':
      return `${leaf.type} INT(${logical.bitWidth}${logical.isSigned ? '' : ', unsigned'})`
    default:
      return [leaf.type, logical?.type].filter(Boolean).join(' ')
  }
}

async function readFooter(path: string): Promise<{ bytes: number; footer: FileMetaData }> {
  try {
    const file = await asyncBufferFromFile(path)
    return { bytes: file.byteLength, footer: await parquetMetadataAsync(file) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) throw asConvertError(error, { file: path })
    throw new InternalError('parquet.verify', `not a readable Parquet file: ${(error as Error).message}`, {
      file: path,
    })
  }
}
