/** The data set as a whole, read from receipts and nothing else: catalog.json, market_info.json, and views for DuckDB. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { converters } from '../../converters/index.js'
import { DATASETS, type Dataset } from '../model/dataset.js'
import type { Receipt } from '../model/unit.js'
import { writeWhole } from '../write/atomic.js'
import { withoutInputs } from './plan.js'
import { missingIn } from './report.js'

export function allReceipts(output: string): Receipt[] {
  const root = join(output, 'receipts')
  const receipts: Receipt[] = []
  for (const iso of list(root))
    for (const dataset of list(join(root, iso)))
      for (const name of list(join(root, iso, dataset))) {
        if (!name.endsWith('.json')) continue
        try {
          const receipt = JSON.parse(readFileSync(join(root, iso, dataset, name), 'utf8')) as Receipt
          receipts.push(withoutInputs(receipt))
        } catch {
          // A damaged receipt makes its leaf stale; the next run writes both anew.
        }
      }
  return receipts
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

export function writeCatalog(output: string): void {
  const receipts = allReceipts(output).filter(receipt => receipt.file !== null)
  const write = (name: string, value: unknown) => writeWhole(join(output, name), `${JSON.stringify(value, null, 1)}\n`)
  write('catalog.json', catalogOf(receipts))
  write('metadata/market_info.json', marketInfo(receipts))
  writeWhole(join(output, 'views.sql'), viewsSql(resolve(output), receipts))
}

function grouped(receipts: readonly Receipt[]): Map<string, Receipt[]> {
  const groups = new Map<string, Receipt[]>()
  for (const receipt of receipts) {
    const key = `${receipt.iso} ${receipt.dataset}`
    groups.set(key, [...(groups.get(key) ?? []), receipt])
  }
  return groups
}

function catalogOf(receipts: readonly Receipt[]): unknown {
  return [...grouped(receipts).values()].map(list => ({
    iso: list[0]?.iso,
    dataset: list[0]?.dataset,
    ...spanOf(list),
    partitions: list.map(({ partition, file, first, last, counts, locations }) => ({
      partition,
      path: file?.path,
      rows: file?.rows,
      bytes: file?.bytes,
      sha256: file?.sha256,
      first,
      last,
      locations,
      quarantined: counts.quarantined,
    })),
  }))
}

function spanOf(list: readonly Receipt[]): Record<string, unknown> {
  return {
    rows: list.reduce((sum, each) => sum + (each.file?.rows ?? 0), 0),
    first: list.map(each => each.first ?? '').sort()[0],
    last: list
      .map(each => each.last ?? '')
      .sort()
      .at(-1),
    missing_intervals: list.reduce((sum, each) => sum + missingIn(each), 0),
  }
}

function marketInfo(receipts: readonly Receipt[]): unknown {
  const groups = grouped(receipts)
  return [...converters.values()].map(({ iso, fullName, zone }) => {
    const present = DATASETS.filter(({ id }) => groups.has(`${iso} ${id}`))
    return {
      iso,
      name: fullName,
      time_zone: zone,
      clock: zone.startsWith('UTC')
        ? `${zone} all year, without daylight saving`
        : 'local prevailing time, with daylight saving',
      resolutions_minutes: [...new Set(present.map(each => each.minutes))].sort((a, b) => b - a),
      datasets: Object.fromEntries(present.map(({ id }) => [id, spanOf(groups.get(`${iso} ${id}`) ?? [])])),
    }
  })
}

/** Columns of the pandas data set that users had before; views.sql keeps their queries alive. */
const FORMER = `interval_start_utc AS datetime_utc, interval_start_local AS datetime_local, interval_start_utc, interval_end_utc,
  delivery_date, delivery_hour, delivery_interval, interval_minutes, iso, market AS market_type,
  location AS settlement_location, location_type AS settlement_location_type, location_id AS settlement_location_id, zone, voltage_kv,
  lmp AS lmp_total, energy AS lmp_energy, congestion AS lmp_congestion, loss AS lmp_loss, CAST(NULL AS DOUBLE) AS system_lambda,
  CASE WHEN iso <> 'MISO' AND utc_offset_minutes > CASE WHEN iso = 'CAISO' THEN -480 WHEN iso IN ('SPP', 'ERCOT') THEN -360 ELSE -300 END
    THEN 'Y' ELSE 'N' END AS dst_flag,
  source_report AS data_source, revision AS version, true AS is_current`

function viewsSql(root: string, receipts: readonly Receipt[]): string {
  const present = new Set(receipts.map(receipt => receipt.dataset))
  const datasets = DATASETS.filter(({ id }) => present.has(id))
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const view = (name: string, query: string) => `CREATE OR REPLACE VIEW ${name} AS\n  ${query};\n`
  const scan = ({ id }: Dataset) =>
    `read_parquet(${quoted(`${root}/parquet/*/${id}/**/*.parquet`)}, hive_partitioning = true, union_by_name = true)`
  const union = (kind: Dataset['kind']) =>
    datasets
      .filter(each => each.kind === kind)
      .map(each => `SELECT ${quoted(each.id)} AS dataset, * FROM ${each.id}`)
      .join('\n  UNION ALL BY NAME ')
  const parts = [
    '-- Views over this data set for DuckDB: duckdb -init views.sql. Written anew by every run that changes something.\n',
  ]
  for (const dataset of datasets) parts.push(view(dataset.id, `SELECT * FROM ${scan(dataset)}`))
  for (const kind of ['energy', 'ancillary'] as const) if (union(kind)) parts.push(view(kind, union(kind)))
  if (union('energy')) parts.push(view('market_data', `SELECT ${FORMER}\n  FROM energy`))
  return parts.join('\n')
}
