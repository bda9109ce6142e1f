/**
 * From an inventory to units. A unit writes some leaves of one data set and is independent of all others; leaves that one
 * long file reaches belong to one unit, so that the file is read once. Fresh leaves, whose receipts show the same inputs, go.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DATASETS, datasetOf, SCHEMA_VERSION } from '../model/dataset.js'
import { ConfigError } from '../model/errors.js'
import { daysOf, type PartitionKey, receiptPath } from '../model/partition.js'
import type { Converter } from '../model/report.js'
import type { Receipt, Unit, UnitSource } from '../model/unit.js'
import { VERSION } from '../model/version.js'
import { type Inventory, keyOf } from './inventory.js'
import type { Locations } from './locations.js'
import { OlderPartitions } from './older.js'

export interface Selection {
  readonly datasets: readonly string[]
  /** Delivery dates, inclusive; a partition that holds one of these days is converted whole. */
  readonly ranges: readonly { readonly from: string; readonly to: string }[]
  /** At most this many source files per report. */
  readonly limit: number | undefined
}

export interface Plan {
  readonly units: readonly Unit[]
  /** Receipts of leaves that need nothing done. */
  readonly fresh: readonly Receipt[]
  /** Sources that were left out because none of their leaves was asked for. */
  readonly outside: number
  /** First and last leaf over all sources, whatever was asked for. */
  readonly span: { readonly first: PartitionKey; readonly last: PartitionKey } | null
  readonly sources: number
  /** Rows of partitions that will be made anew, by data set and key: fewer of them are told. */
  readonly before: ReadonlyMap<string, number>
  /** Digest of the table of locations that it was made with. */
  readonly locations: string | undefined
}

/** A file that reaches further than this many leaves joins them into one unit; others are read once per leaf. */
const READ_AGAIN = 2

export function selects(selection: Selection, key: PartitionKey): boolean {
  if (selection.ranges.length === 0) return true
  const { first, last } = daysOf(key)
  return selection.ranges.some(({ from, to }) => first <= to && last >= from)
}

export function makePlan(
  converter: Converter,
  inventory: Inventory,
  output: string,
  selection: Selection,
  force: boolean,
  /** The market's table of locations, if some report needs one. */
  locations?: Locations,
): Plan {
  const sources = sourcesOf(converter, inventory, selection)
  const joins = new Set(converter.reports.filter(report => report.joins).map(report => report.id))
  const joining = (list: readonly UnitSource[]) => list.some(source => joins.has(source.report))
  const units: Unit[] = []
  const fresh: Receipt[] = []
  let outside = 0
  const keys = new Set<PartitionKey>()
  const older = new OlderPartitions()
  const before = new Map<string, number>()
  for (const dataset of DATASETS) {
    if (!selection.datasets.includes(dataset.id)) continue
    const own = sources.filter(source =>
      converter.reports.some(each => each.id === source.report && each.dataset === dataset.id),
    )
    const byLeaf = new Map<PartitionKey, UnitSource[]>()
    for (const source of own) {
      const wanted = source.leaves.filter(key => selects(selection, key))
      for (const key of source.leaves) keys.add(key)
      if (wanted.length === 0) outside++
      const homed = { ...source, home: wanted[0] as string }
      for (const key of wanted) {
        const list = byLeaf.get(key)
        if (list) list.push(homed)
        else byLeaf.set(key, [homed])
      }
    }
    const fingerprints = new Map<PartitionKey, string>()
    for (const [key, list] of byLeaf) {
      fingerprints.set(key, fingerprint(list, joining(list) ? locations?.digest : undefined))
      // Read even when forced: what a newer version wrote is never overwritten.
      const receipt = readReceipt(output, converter.iso, dataset.id, key)
      if (receipt) older.look(receipt, list)
      if (receipt?.file) before.set(`${dataset.id} ${key}`, receipt.file.rows)
      if (receipt && !force && isFresh(receipt, output, fingerprints.get(key) as string)) {
        fresh.push(withoutInputs(receipt))
        byLeaf.delete(key)
      }
    }
    for (const leaves of groups(byLeaf)) {
      const list = new Map<string, UnitSource>()
      for (const key of leaves)
        for (const source of byLeaf.get(key) ?? []) list.set(`${source.key}\n${source.report}`, source)
      units.push({
        iso: converter.iso,
        dataset: dataset.id,
        leaves,
        sources: [...list.values()].sort(inOrder),
        fingerprints: Object.fromEntries(leaves.map(key => [key, fingerprints.get(key) as string])),
        ...(locations && joining([...list.values()]) ? { locations: locations.all } : {}),
      })
    }
  }
  older.refuse()
  const sorted = [...keys].sort()
  const span = sorted.length > 0 ? { first: sorted[0] as string, last: sorted.at(-1) as string } : null
  return { units, fresh, outside, span, sources: sources.length, before, locations: locations?.digest }
}

/** In the order of time, as far as it is known; members of one document stand together. */
function inOrder(a: UnitSource, b: UnitSource): number {
  return a.first - b.first || compare(a.document, b.document) || compare(a.display, b.display)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function sourcesOf(converter: Converter, inventory: Inventory, selection: Selection): UnitSource[] {
  const sources: UnitSource[] = []
  for (const entry of inventory.files.values())
    for (const item of entry.items) {
      if (item.verdict.kind !== 'sources') continue
      for (const { report, named, groups, leaves, first } of item.verdict.sources) {
        const joins = converter.reports.find(each => each.id === report)?.layout.kind === 'components'
        sources.push({
          key: keyOf(item),
          member: item.member,
          display: item.display,
          report,
          named,
          groups,
          size: item.member.size,
          mtime: entry.mtime,
          memberTime: item.member.time,
          document: joins ? containerOf(item.display) : item.display,
          leaves,
          first,
          home: leaves[0] as string,
        })
      }
    }
  if (selection.limit === undefined) return sources
  const taken = new Map<string, number>()
  return sources.sort(inOrder).filter(source => {
    const count = (taken.get(source.report) ?? 0) + 1
    taken.set(source.report, count)
    return count <= (selection.limit as number)
  })
}

/** The zip that holds a member, or the file itself. */
function containerOf(display: string): string {
  const at = display.lastIndexOf(' > ')
  return at < 0 ? display : display.slice(0, at)
}

/** Leaves that a far-reaching source connects, as sorted groups in order of their first leaf. */
function groups(byLeaf: ReadonlyMap<PartitionKey, readonly UnitSource[]>): PartitionKey[][] {
  const parent = new Map<PartitionKey, PartitionKey>([...byLeaf.keys()].map(key => [key, key]))
  const root = (key: PartitionKey): PartitionKey => {
    let at = key
    while (parent.get(at) !== at) at = parent.get(at) as PartitionKey
    parent.set(key, at)
    return at
  }
  for (const list of byLeaf.values())
    for (const source of list) {
      const reached = source.leaves.filter(key => byLeaf.has(key))
      if (source.leaves.length <= READ_AGAIN) continue
      for (const key of reached) parent.set(root(key), root(reached[0] as PartitionKey))
    }
  const groups = new Map<PartitionKey, PartitionKey[]>()
  for (const key of [...byLeaf.keys()].sort()) groups.set(root(key), [...(groups.get(root(key)) ?? []), key])
  return [...groups.values()].sort((a, b) => compare(a[0] as string, b[0] as string))
}

function fingerprint(sources: readonly UnitSource[], locations = ''): string {
  const lines = sources.map(source => [source.display, source.report, source.size, source.mtime].join('\t')).sort()
  return createHash('sha256')
    .update([VERSION, SCHEMA_VERSION, locations, ...lines].join('\n'))
    .digest('hex')
    .slice(0, 32)
}

/** What a run has to keep of a receipt: inputs are many and stand on disk. */
export function withoutInputs(receipt: Receipt): Receipt {
  return { ...receipt, inputs: [] }
}

export function readReceipt(output: string, iso: string, dataset: string, key: PartitionKey): Receipt | null {
  const path = join(output, receiptPath(iso, datasetOf(dataset), key))
  let receipt: Receipt
  try {
    receipt = JSON.parse(readFileSync(path, 'utf8')) as Receipt
  } catch {
    // Missing or damaged: the leaf is converted again, which writes a new one.
    return null
  }
  if (typeof receipt?.schema_version !== 'number') return null
  if (receipt.schema_version > SCHEMA_VERSION)
    throw new ConfigError(
      'schema.newer',
      `written by a newer version (schema ${receipt.schema_version}, this is ${SCHEMA_VERSION})`,
      {
        file: path,
      },
    )
  return receipt
}

function isFresh(receipt: Receipt, output: string, fingerprint: string): boolean {
  if (receipt.fingerprint !== fingerprint || receipt.schema_version !== SCHEMA_VERSION) return false
  if (!receipt.file) return true
  try {
    return statSync(join(output, receipt.file.path)).size === receipt.file.bytes
  } catch {
    return false
  }
}
