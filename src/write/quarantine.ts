/** Rejected rows, one JSON line each, beside the data: place, reason and raw text. Written only where there are any. */
import { join } from 'node:path'
import type { Dataset } from '../model/dataset.js'
import { type PartitionKey, quarantinePath } from '../model/partition.js'
import { AtomicFile } from './atomic.js'

export class Quarantine {
  readonly #files = new Map<PartitionKey, { file: AtomicFile; rows: number }>()

  constructor(
    readonly output: string,
    readonly iso: string,
    readonly dataset: Dataset,
  ) {}

  add(partition: PartitionKey, rejection: object): void {
    let entry = this.#files.get(partition)
    if (!entry) {
      const file = new AtomicFile(join(this.output, quarantinePath(this.iso, this.dataset, partition)))
      this.#files.set(partition, (entry = { file, rows: 0 }))
    }
    entry.rows++
    entry.file.write(Buffer.from(`${JSON.stringify(rejection)}\n`))
  }

  /** Path of the partition's file, relative to the output; null if it has none. */
  commit(partition: PartitionKey): string | null {
    const entry = this.#files.get(partition)
    if (!entry) return null
    entry.file.commit()
    this.#files.delete(partition)
    return quarantinePath(this.iso, this.dataset, partition)
  }

  abandon(): void {
    for (const { file } of this.#files.values()) file.abandon()
    this.#files.clear()
  }
}
