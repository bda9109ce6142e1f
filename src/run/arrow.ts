/** Rows of a raw file as Arrow record batches in the unified schema: the library's way to look into a file without converting it. */
import {
  Table as ArrowTable,
  Bool,
  type DataType,
  DateDay,
  Field,
  Float64,
  Int32,
  type RecordBatch,
  Schema,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { type ColumnType, type Dataset, datasetOf } from '../model/dataset.js'
import { UsageError } from '../model/errors.js'
import type { Report } from '../model/report.js'
import { rowAt } from '../shape/unified.js'
import { readMember, recogniseFile } from './inspect.js'

const TYPES: Readonly<Record<ColumnType, () => DataType>> = {
  instant: () => new TimestampMicrosecond('UTC'),
  wall: () => new TimestampMicrosecond(),
  date: () => new DateDay(),
  int32: () => new Int32(),
  text: () => new Utf8(),
  double: () => new Float64(),
  boolean: () => new Bool(),
}

export function arrowSchema(dataset: Dataset): Schema {
  return new Schema(dataset.columns.map(({ name, type, nullable }) => new Field(name, TYPES[type](), nullable)))
}

export interface ReadOptions {
  /** Short names of the markets to try; all without it. */
  readonly isos: readonly string[]
  /** Hears of each record that is no row. */
  readonly onReject?: (reason: string) => void
}

export interface ReadBatch {
  readonly iso: string
  readonly report: string
  readonly dataset: string
  /** Display name of the file or zip member. */
  readonly file: string
  readonly batch: RecordBatch
}

/**
 * Every row of every recognised member, in the order of the file, before duplicates are resolved across files. Memory is
 * bounded by the reader's window, except for layouts whose components stand far apart: those hold one file's rows.
 * Throws UsageError when no report is recognised, InputError for a file that cannot be read to its end.
 */
export async function* readBatches(path: string, options: ReadOptions): AsyncGenerator<ReadBatch> {
  let recognised = 0
  for (const { member, display, found } of await recogniseFile(path, options.isos))
    for (const { converter, source } of found) {
      recognised++
      const report = converter.reports.find(each => each.id === source.report) as Report
      const dataset = datasetOf(report.dataset)
      const reject = options.onReject ?? (() => {})
      for await (const { context, from, to } of readMember(converter, report, member, display, reject, source.leaves)) {
        const rows = Array.from({ length: to - from }, (_, at) => rowAt(converter.iso, context, from + at))
        const { iso } = converter
        yield { iso, report: report.id, dataset: dataset.id, file: display, batch: batchOf(dataset, rows) }
      }
    }
  if (recognised === 0) throw new UsageError('file.unknown', 'no report is recognised in it', { file: path })
}

function batchOf(dataset: Dataset, rows: readonly Readonly<Record<string, unknown>>[]): RecordBatch {
  const schema = arrowSchema(dataset)
  const columns = Object.fromEntries(
    dataset.columns.map(({ name, type }, at) => {
      const values = rows.map(row => arrowValue(type, row[name]))
      return [name, vectorFromArray(values, schema.fields[at]?.type as DataType)]
    }),
  )
  return new ArrowTable(schema, columns).batches[0] as RecordBatch
}

/** Arrow's builders take milliseconds for every unit of time. */
function arrowValue(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (type === 'instant') return Date.parse(String(value))
  if (type === 'wall') return Date.parse(`${value}Z`)
  return type === 'date' ? new Date(`${value}T00:00:00Z`) : value
}
