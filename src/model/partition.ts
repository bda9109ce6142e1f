/** Leaf partitions: which delivery days share one file, and what it is called. */
import type { Dataset } from './dataset.js'

/** `2024-03` for a monthly data set, `2024-03-09` for a daily one. */
export type PartitionKey = string

export function partitionOf(dataset: Dataset, date: string): PartitionKey {
  return dataset.leaf === 'month' ? date.slice(0, 7) : date
}

/** First and last delivery date of a partition, as ISO dates. */
export function daysOf(key: PartitionKey): { first: string; last: string } {
  if (key.length === 10) return { first: key, last: key }
  const [year, month] = key.split('-').map(Number) as [number, number]
  return { first: `${key}-01`, last: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10) }
}

/** Hive keys are unpadded integers: DuckDB and Polars both read them as such. */
export function parquetPath(iso: string, dataset: Dataset, key: PartitionKey): string {
  const [year, month, day] = key.split('-').map(Number)
  const folder = [`year=${year}`, `month=${month}`, ...(day === undefined ? [] : [`day=${day}`])].join('/')
  const name = iso.toLowerCase()
  return `parquet/${name}/${dataset.id}/${folder}/${name}_${dataset.id}_${key}.parquet`
}

export function receiptPath(iso: string, dataset: Dataset, key: PartitionKey): string {
  return `receipts/${iso.toLowerCase()}/${dataset.id}/${key}.json`
}

export function quarantinePath(iso: string, dataset: Dataset, key: PartitionKey): string {
  return `quarantine/${iso.toLowerCase()}/${dataset.id}/${key}.jsonl`
}
