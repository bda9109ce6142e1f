/**
 * What a caller hands to the Parquet writer, and what each of our column types is called in a Parquet schema.
 */
import type { ColumnType } from '../model/dataset.js'
import type { ThriftWriter } from './thrift.js'

/** Small enough to be a reader's unit of work, and the size that DuckDB itself uses. */
export const ROW_GROUP_ROWS = 122_880

export interface ParquetColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}

export type Value = string | number | boolean | null

/**
 * One column of one row group, in the form in which the merge already has it.
 * Units: instant and wall = seconds since 1970, date = days since 1970. Dictionaries hold distinct values, each of them used.
 */
export type ColumnData =
  /** The same value in each row. */
  | { readonly kind: 'constant'; readonly value: Value }
  /** Code -1 = null; only the first `runs` entries are valid. */
  | {
      readonly kind: 'runs'
      readonly dictionary: readonly Value[]
      readonly codes: Int32Array
      readonly lengths: Int32Array
      readonly runs: number
    }
  /** One code per row, -1 = null; may be longer than the row group. */
  | { readonly kind: 'codes'; readonly dictionary: readonly Value[]; readonly codes: Int32Array }
  /** NaN = null; may be longer than the row group. */
  | { readonly kind: 'doubles'; readonly values: Float64Array }

/** Numbers of the Parquet format. */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, double: 5, binary: 6 } as const
export const ENCODING = { plain: 0, rle: 3, dictionary: 8 } as const
const CONVERTED = { utf8: 0, date: 6, timestampMicros: 10 } as const
/** Fields of the union LogicalType. */
const LOGICAL = { string: 1, date: 6, timestamp: 8 } as const

interface Mapping {
  readonly physical: number
  readonly converted?: number
  readonly logical?: (thrift: ThriftWriter) => void
}

const nothing = () => {}
const timestamp = (utc: boolean) => (thrift: ThriftWriter) =>
  thrift.struct(LOGICAL.timestamp, () => {
    thrift.bool(1, utc)
    thrift.struct(2, () => thrift.struct(2, nothing))
  })

const MAPPING: Readonly<Record<ColumnType, Mapping>> = {
  instant: { physical: PHYSICAL.int64, converted: CONVERTED.timestampMicros, logical: timestamp(true) },
  // No converted type: TIMESTAMP_MICROS means UTC, which a wall clock is not.
  wall: { physical: PHYSICAL.int64, logical: timestamp(false) },
  date: {
    physical: PHYSICAL.int32,
    converted: CONVERTED.date,
    logical: thrift => thrift.struct(LOGICAL.date, nothing),
  },
  // Without INT_8 or INT_16: readers compute in a column's own width, where delivery_hour * 60 overflows.
  int32: { physical: PHYSICAL.int32 },
  text: {
    physical: PHYSICAL.binary,
    converted: CONVERTED.utf8,
    logical: thrift => thrift.struct(LOGICAL.string, nothing),
  },
  double: { physical: PHYSICAL.double },
  boolean: { physical: PHYSICAL.boolean },
}

export const physicalOf = (type: ColumnType): number => MAPPING[type].physical

/** The SchemaElement of one column. */
export function writeSchemaElement(thrift: ThriftWriter, column: ParquetColumn) {
  const { physical, converted, logical } = MAPPING[column.type]
  thrift.i32(1, physical)
  thrift.i32(3, column.nullable ? 1 : 0)
  thrift.binary(4, column.name)
  if (converted !== undefined) thrift.i32(6, converted)
  if (logical) thrift.struct(10, () => logical(thrift))
}
