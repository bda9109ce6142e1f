/**
 * What every converter and every report owes, whoever wrote it: its cases, names and headers that tell it from its
 * neighbours, a filled key, whole days of the clock change, and output that depends on nothing but the content of the inputs.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { converters } from '../converters/index.js'
import { columnsFrom, datasetOf } from '../src/model/dataset.js'
import { partitionOf } from '../src/model/partition.js'
import type { Converter, Layout, Report } from '../src/model/report.js'
import type { UnitOptions } from '../src/model/unit.js'
import { Header, headerCells, unknownColumns, wantedOf } from '../src/read/header.js'
import { listMembers } from '../src/read/members.js'
import { openText } from '../src/read/open.js'
import { Run } from '../src/run/convert.js'
import { convertUnit } from '../src/run/unit.js'
import { matches } from '../src/shape/names.js'
import { type Candidate, recognise } from '../src/shape/recognise.js'
import { fitsHeader } from '../src/shape/source.js'
import {
  type Arrangement,
  type Case,
  casesOf,
  convert,
  expectationOf,
  expectedRows,
  filesBelow,
  layOut,
  optionsFor,
  parquetFiles,
  receiptsOf,
  title,
  withFolder,
} from './helpers/fixtures.js'

const OWED = ['plain', 'dst-spring', 'dst-fall']
const all = casesOf(converters.keys())
const reports = [...converters].flatMap(([iso, converter]) =>
  converter.reports.map(report => ({ iso, converter, report, title: `${iso} ${report.id}` })),
)

interface Published {
  readonly name: string
  readonly content: Buffer
}

/** The files and zip members of a case, as text, as the inventory sees them. */
async function published(of: Case): Promise<Published[]> {
  return await withFolder(async folder => {
    layOut(of, folder, 'as published')
    const files: Published[] = []
    for (const path of filesBelow(folder))
      for (const member of (await listMembers(join(folder, path))).members) {
        const chunks: Uint8Array[] = []
        for await (const chunk of openText(member)) chunks.push(chunk)
        files.push({ name: member.name, content: Buffer.concat(chunks) })
      }
    return files
  })
}

function plainOf(iso: string, report: Report): Case {
  const found = all.find(each => each.iso === iso && each.report === report.id && each.name === 'plain')
  if (!found) throw new Error(`fixtures/${iso}/${report.id}/plain is missing`)
  return found
}

function candidate(name: string, content: Buffer): Candidate {
  return {
    name,
    path: name,
    memberTime: 0,
    workbook: false,
    empty: content.length === 0,
    sure: true,
    sample: () => Promise.resolve({ head: content, tail: new Uint8Array(0) }),
  }
}

const linesOf = (content: Buffer): Header[] =>
  content
    .toString()
    .split(/\r?\n/)
    .slice(0, 64)
    .map(line => new Header(headerCells(line)))

async function recognised(converter: Converter, name: string, content: Buffer): Promise<string[]> {
  const verdict = await recognise(converter, candidate(name, content))
  return verdict.kind === 'sources' ? verdict.sources.map(source => source.report) : []
}

/** Reports that read one published report: they may, and must, come out together. */
const familyOf = (converter: Converter, report: Report): string[] =>
  converter.reports.filter(each => (each.published ?? each.id) === (report.published ?? report.id)).map(each => each.id)

describe.each([...converters])('%s', (iso, converter) => {
  test('is declared completely, ids are unique', () => {
    expect(converter.iso.toLowerCase()).toBe(iso)
    expect(converter.fullName).not.toBe('')
    const ids = converter.reports.map(report => report.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id, 'an id is a folder name').toMatch(/^[\w-]+$/)
    expect(new Set(converter.reports.map(report => report.title)).size).toBe(ids.length)
  })

  test('every folder of cases belongs to a report', () => {
    const ids = converter.reports.map(report => report.id)
    const strays = all.filter(each => each.iso === iso && !ids.includes(each.report)).map(title)
    expect(strays).toEqual([])
  })
})

describe.each(reports)('$title', ({ iso, converter, report }) => {
  const own = all.filter(each => each.iso === iso && each.report === report.id)

  test('has its cases', () => {
    expect(own.map(each => each.name)).toEqual(expect.arrayContaining(OWED))
  })

  test('fills the key, and all columns that must not be null', () => {
    const dataset = datasetOf(report.dataset)
    const needed = columnsFrom(dataset, 'series').filter(
      name => !dataset.columns.find(each => each.name === name)?.nullable,
    )
    for (const filled of seriesOf(report.layout)) expect(filled).toEqual(expect.arrayContaining(needed))
  })

  test('knows every column of its plain case', async () => {
    const files = await published(plainOf(iso, report))
    const read = files.filter(({ content }) => fitsHeader(report, linesOf(content), false))
    expect(read.length, 'no file of the case has the header').toBeGreaterThan(0)
    for (const { content } of read) {
      const header = linesOf(content).find(each =>
        wantedOf(report).every(wanted => !wanted.required || each.find(wanted) >= 0),
      )
      expect(header).toBeDefined()
      // A column of the other half of the same published report is known too.
      const siblings = converter.reports.filter(each => familyOf(converter, report).includes(each.id))
      const unknown = siblings.map(each => new Set(unknownColumns(each, header as Header)))
      expect(unknownColumns(report, header as Header).filter(name => unknown.every(set => set.has(name)))).toEqual([])
    }
  })

  test('is recognised in its plain case, and nothing else is', async () => {
    const family = familyOf(converter, report)
    const files = await published(plainOf(iso, report))
    const found = new Set((await Promise.all(files.map(each => recognised(converter, each.name, each.content)))).flat())
    // What stands behind the dispatch runs of a running day is found when these are read.
    if (report.advisory !== 'take') expect([...found]).toContain(report.id)
    for (const id of found) expect(family, `also taken for ${id}`).toContain(id)
    if (report.names.length > 0)
      expect(
        files.some(({ name }) => report.names.some(pattern => matches(pattern, name))),
        `no file of the case has a published name: ${files.map(each => each.name)}`,
      ).toBe(true)
  })

  test('is told apart by its content from every report that may be recognised by it', async () => {
    const family = familyOf(converter, report)
    for (const { content } of await published(plainOf(iso, report))) {
      // Where only the path tells the place, it says that and nothing else.
      const name = report.inPath ? 'CT.csv' : 'a name that says nothing.csv'
      const found = await recognised(converter, name, content)
      if (report.byHeader !== false) expect(found).toContain(report.id)
      // What cannot be recognised by content must at least not land among the prices of another market or interval.
      const elsewhere = found.filter(id => !family.includes(id))
      const datasets = elsewhere.map(id => converter.reports.find(each => each.id === id)?.dataset)
      if (report.byHeader !== false) expect(elsewhere).toEqual([])
      else for (const dataset of datasets) expect(dataset, `taken for ${elsewhere}`).toBe(report.dataset)
    }
  })

  const dataset = datasetOf(report.dataset)
  const rowsOf = (name: string): Record<string, string>[] => {
    const found = own.find(each => each.name === name)
    return found ? expectedRows(found).filter(row => row.file?.startsWith(`${report.dataset}/`)) : []
  }
  /** Rows of the location or product that has most of them. */
  const longest = (rows: Record<string, string>[]): Record<string, string>[] => {
    const series = new Map<string, Record<string, string>[]>()
    for (const row of rows) {
      const key = dataset.key.map(name => row[name]).join('\t')
      series.set(key, [...(series.get(key) ?? []), row])
    }
    return [...series.values()].sort((a, b) => b.length - a.length)[0] ?? []
  }
  const priceOf = (row: Record<string, string>) => row[dataset.prices[0] ?? ''] ?? ''
  const fixed = converter.zone.startsWith('UTC')

  test.each([
    ['dst-spring', fixed ? 24 : 23],
    ['dst-fall', fixed ? 24 : 25],
  ])('%s: no hour lost, none twice, each with its own price', (name, hours) => {
    const rows = longest(rowsOf(name))
    const starts = rows.map(row => Date.parse(row.interval_start_utc ?? '')).sort((a, b) => a - b)
    expect(new Set(starts).size).toBe(rows.length)
    if (dataset.minutes === 60) {
      expect(starts).toHaveLength(hours)
      expect((starts.at(-1) as number) - (starts[0] as number)).toBe((hours - 1) * 3_600_000)
    }
    // No jump in UTC where the wall clock jumps, whatever the grid.
    const ends = rows.map(row => Date.parse(row.interval_end_utc ?? '')).sort((a, b) => a - b)
    for (const [at, start] of starts.slice(1).entries()) expect(start).toBe(ends[at])
    const wall = (hour: string) => rows.filter(row => row.interval_start_local?.slice(11, 13) === hour)
    if (name === 'dst-spring') {
      expect(wall('01').length).toBeGreaterThan(0)
      expect(wall('03').length).toBeGreaterThan(0)
      expect(wall('02').length > 0).toBe(fixed)
      return
    }
    const passes = byOffset(wall('01'))
    const offsets = [...passes.keys()].map(Number).sort((a, b) => b - a)
    const standard = offsets.at(-1) as number
    // Daylight time first, then the same hour again on standard time.
    expect(offsets).toEqual(fixed ? [-300] : [standard + 60, standard])
    for (const pass of passes.values()) expect(pass.length).toBeGreaterThanOrEqual(60 / dataset.minutes)
    if (!fixed) {
      const [first = [], second = []] = [...passes.values()]
      expect(first.map(priceOf)).not.toEqual(second.map(priceOf))
      const both = [...first, ...second].map(priceOf)
      expect(new Set(both).size, 'a price stands in both passes').toBe(both.length)
    }
  })

  test('rows lie in the partition of their delivery date', () => {
    for (const each of own)
      for (const row of expectedRows(each)) {
        const [id = '', key] = (row.file ?? '').split('/')
        expect(key).toBe(partitionOf(datasetOf(id), row.delivery_date ?? ''))
      }
  })
})

function byOffset(rows: readonly Record<string, string>[]): Map<string | undefined, Record<string, string>[]> {
  const groups = new Map<string | undefined, Record<string, string>[]>()
  for (const row of rows) groups.set(row.utc_offset_minutes, [...(groups.get(row.utc_offset_minutes) ?? []), row])
  return groups
}

/** Names of the series columns that each row of a layout has. */
function seriesOf(layout: Layout): string[][] {
  const base = Object.keys(layout.series)
  if (layout.kind !== 'rows') return [base]
  const lanes = (layout.lanes ?? []).map(lane => [...base, ...Object.keys(lane.series)])
  const products = (layout.products?.match ?? []).map(([, template]) => [
    ...base,
    ...Object.keys(layout.products?.series ?? {}),
    ...Object.keys(template),
  ])
  return [...lanes, ...products].length > 0 ? [...lanes, ...products] : [base]
}

/** Converts a case in some arrangement; gives the Parquet files. */
async function output(
  of: Case,
  folder: string,
  arrangement: Arrangement,
  batchSize = 50,
): Promise<Map<string, Buffer>> {
  const place = join(folder, arrangement)
  mkdirSync(place)
  layOut(of, join(place, 'in', of.iso), arrangement)
  const report = await convert({ ...optionsFor([of.iso], join(place, 'in'), join(place, 'out')), batchSize })
  expect(report.failures).toEqual([])
  for (const { counts, partition } of receiptsOf(join(place, 'out'))) {
    const {
      read,
      written,
      duplicate_identical,
      superseded,
      conflicting,
      quarantined,
      other_market,
      outside_partition,
    } = counts
    const accounted =
      written + duplicate_identical + superseded + conflicting + quarantined + other_market + outside_partition
    expect(accounted, `conservation law, ${arrangement}, ${partition}`).toBe(read)
  }
  return parquetFiles(join(place, 'out'))
}

/** Once more with the plan that the first run left behind, one file a batch and no memory at all: every run is spilled. */
async function spilled(of: Case, folder: string): Promise<{ files: Map<string, Buffer>; runs: number }> {
  const place = join(folder, 'as published')
  const options = optionsFor([of.iso], join(place, 'in'), join(place, 'out'))
  let runs = 0
  const unitOptions: UnitOptions = {
    input: options.input,
    output: join(folder, 'spilled'),
    batchFiles: 1,
    maxInFlight: 1,
    memory: 0,
    tmpDir: folder,
  }
  for (const { converter, plan } of await new Run({ ...options, force: true }).plan())
    for (const unit of plan.units) runs += (await convertUnit(converter, unit, unitOptions)).spilledRuns
  return { files: parquetFiles(join(folder, 'spilled')), runs }
}

const same = (one: Map<string, Buffer>, two: Map<string, Buffer>): void => {
  expect([...two.keys()]).toEqual([...one.keys()])
  for (const [name, bytes] of one) expect(two.get(name)?.equals(bytes), name).toBe(true)
}

/** A quarterly archive with as many nodes as MISO has; its three months are one unit, whose smallest table holds fewer rows. */
function quarter(days: readonly string[]): string {
  const lines = ['Real Time LMPs', `MARKET_DAY,NODE,TYPE,VALUE,${Array.from({ length: 24 }, (_, k) => `HE${k + 1}`)}`]
  for (const day of days)
    for (const [word, value] of Object.entries({ LMP: 30, MCC: 1, MLC: 2 }))
      for (let node = 0; node < 2600; node++)
        lines.push(`${day},NODE${node},Gennode,${word},${Array.from({ length: 24 }, (_, k) => value + k)}`)
  return `${lines.join('\n')}\n`
}

describe('the same content gives the same bytes', () => {
  test.each(all.map(each => [title(each), each] as const))('%s', async (_, each) => {
    await withFolder(async folder => {
      const published = await output(each, folder, 'as published')
      same(published, await output(each, folder, 'shuffled'))
      same(published, await output(each, folder, 'doubled', 1))
      const { files, runs } = await spilled(each, folder)
      same(published, files)
      expect(runs > 0, 'runs were spilled').toBe(published.size > 0)
    })
  })

  test('components that stand far apart are joined, however little memory there is', async () => {
    await withFolder(async folder => {
      const place = join(folder, 'as published')
      mkdirSync(join(place, 'in', 'miso'), { recursive: true })
      writeFileSync(
        join(place, 'in', 'miso', '2024_Jul-Sep_RT_LMPs.csv'),
        quarter(['07/01/2024', '07/02/2024', '08/01/2024', '09/01/2024']),
      )
      const report = await convert(optionsFor(['miso'], join(place, 'in'), join(place, 'out')))
      expect(report.exit_code).toBe(0)
      const { files, runs } = await spilled({ iso: 'miso', report: '', name: '', folder: '' }, folder)
      expect(runs, 'more than one table').toBeGreaterThan(1)
      same(parquetFiles(join(place, 'out')), files)
    })
  })

  test('there are cases in which something is lost, kept twice, replaced and refused', () => {
    const expectations = all.map(expectationOf)
    expect(expectations.some(each => each.superseded > 0 && each.duplicate_identical > 0)).toBe(true)
    expect(expectations.some(each => each.quarantined > 0 && each.exit_code === 65)).toBe(true)
    expect(expectations.some(each => each.problems.length > 0)).toBe(true)
    expect(all.some(each => basename(each.folder) === 'zipped')).toBe(true)
  })
})
