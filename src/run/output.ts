/** One leaf of a unit: its Parquet file under a temporary name until everything about it is known to be right. */
import { dirname, join } from 'node:path'
import { Quality, type SeriesSpans } from '../merge/quality.js'
import { SCHEMA_VERSION } from '../model/dataset.js'
import { parquetPath } from '../model/partition.js'
import type { Converter } from '../model/report.js'
import type { Receipt } from '../model/unit.js'
import { CREATED_BY } from '../model/version.js'
import type { ReadContext } from '../shape/context.js'
import type { Leaf } from '../shape/leaves.js'
import type { Table } from '../shape/table.js'
import { AtomicFile, removeLeftovers } from '../write/atomic.js'
import { LeafFile } from '../write/leaf.js'
import { verifyParquet } from '../write/verify.js'
import type { Compress } from '../write/zstd.js'

export class LeafOutput {
  readonly quality: Quality
  readonly #path: string
  readonly #sink: AtomicFile
  /** Its buffers are given back with `finish`: a unit may have hundreds of leaves that wait to be committed together. */
  #file: LeafFile | undefined

  constructor(
    readonly converter: Converter,
    output: string,
    readonly context: ReadContext,
    readonly leaf: Leaf,
    compress: Compress,
  ) {
    const { dataset, clock, series, origins, valueColumns } = context
    this.#path = parquetPath(converter.iso, dataset, leaf.key)
    removeLeftovers(dirname(join(output, this.#path)))
    this.#sink = new AtomicFile(join(output, this.#path))
    const { iso } = converter
    this.#file = new LeafFile(
      { iso, dataset, clock, leaf, series, origins, createdBy: CREATED_BY, compress },
      this.#sink,
    )
    this.quality = new Quality(dataset, clock, leaf, valueColumns, origins, series.keys.of)
  }

  take(rows: Table): void {
    this.quality.take(rows)
    this.#file?.append(rows)
  }

  /** Writes the footer and makes the bytes durable, still under the temporary name. Returns what was seen of each series. */
  finish(): SeriesSpans {
    const { dataset } = this.context
    this.#file?.finish({
      schema_version: String(SCHEMA_VERSION),
      dataset: dataset.id,
      iso: this.converter.iso,
      time_zone: this.converter.zone,
      sort_order: [...dataset.sort, 'interval_start_utc'].join(','),
      units: JSON.stringify(dataset.units),
    })
    this.#sink.sync()
    this.#file = undefined
    return this.quality.complete()
  }

  /** Verifies what was written and puts it in the old file's place. */
  async commit(): Promise<NonNullable<Receipt['file']>> {
    const { rows } = this.quality
    await verifyParquet(this.#sink.temporary, rows)
    this.#sink.commit()
    return { path: this.#path, bytes: this.#sink.length, rows, sha256: this.#sink.sha256 }
  }

  abandon(): void {
    this.#sink.abandon()
  }
}
