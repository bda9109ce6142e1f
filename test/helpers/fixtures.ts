/** Case folders: fixtures/<iso>/<report>/<case>/ with input/, expected.csv and what fixtures/README.md says besides. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { parse } from 'csv-parse/sync'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { DATASETS } from '../../src/model/dataset.js'
import { GUARD_DEFAULTS } from '../../src/model/guard.js'
import type { RunOptions } from '../../src/model/options.js'
import type { Receipt } from '../../src/model/unit.js'
import { Run } from '../../src/run/convert.js'
import type { RunReport } from '../../src/run/report.js'
import { makeZip } from './zip.js'

export const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname

export interface Case {
  readonly iso: string
  readonly report: string
  readonly name: string
  readonly folder: string
}

/** What a run of the case says besides its rows. Everything left out is 0 or nothing. */
export interface Expectation {
  readonly exit_code: number
  readonly quarantined: number
  /** Codes of files that could not be read, sorted. */
  readonly problems: readonly string[]
  readonly empty: number
  /** Codes of quarantined records, sorted. */
  readonly rejected: readonly string[]
  readonly duplicate_identical: number
  readonly superseded: number
  readonly conflicting: number
  readonly other_market: number
  readonly empty_cells: number
  readonly out_of_scope: number
  readonly unknown: number
  readonly warnings: number
  readonly unknown_columns: readonly string[]
}

const NOTHING: Expectation = {
  exit_code: 0,
  quarantined: 0,
  problems: [],
  empty: 0,
  rejected: [],
  duplicate_identical: 0,
  superseded: 0,
  conflicting: 0,
  other_market: 0,
  empty_cells: 0,
  out_of_scope: 0,
  unknown: 0,
  warnings: 0,
  unknown_columns: [],
}

const folders = (path: string): string[] =>
  (existsSync(path) ? readdirSync(path) : []).filter(name => statSync(join(path, name)).isDirectory()).sort()

/** Every case of the ISOs given. */
export function casesOf(isos: Iterable<string>): Case[] {
  return [...isos].flatMap(iso =>
    folders(join(FIXTURES, iso)).flatMap(report =>
      folders(join(FIXTURES, iso, report)).map(name => ({
        iso,
        report,
        name,
        folder: join(FIXTURES, iso, report, name),
      })),
    ),
  )
}

export const title = ({ iso, report, name }: Case): string => `${iso}/${report}/${name}`

export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(folder, name)).isFile())
    .sort()
}

/** Only what a case says counts: a key that is not in the list above is a slip of the pen. */
export function expectationOf(of: Case): Expectation & { given: ReadonlySet<string> } {
  const path = join(of.folder, 'expected.json')
  const given = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Expectation>) : {}
  for (const key of Object.keys(given))
    if (!(key in NOTHING)) throw new Error(`${path}: nothing is known of "${key}"; known: ${Object.keys(NOTHING)}`)
  return { ...NOTHING, ...given, given: new Set(Object.keys(given)) }
}

export function expectedTable(of: Case): string[][] {
  const path = join(of.folder, 'expected.csv')
  if (!existsSync(path))
    throw new Error(`${path} is missing: work out by hand what must come out, see fixtures/README.md`)
  return parse(readFileSync(path), { relax_column_count: true }) as string[][]
}

/** The rows as objects, for checks on single columns. */
export function expectedRows(of: Case): Record<string, string>[] {
  const [header = [], ...rows] = expectedTable(of)
  return rows.map(row => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ''])))
}

// ---- Input folders ----

const ZIP = '.zip.d'
const MEMBER_TIME = '2024-01-02T03:04:06'

function wallTime(text: string) {
  const [year, month, day, hour, minute, second] = text.split(/[-T:]/).map(Number)
  return { year, month, day, hour, minute, second } as Required<
    NonNullable<Parameters<typeof makeZip>[0][number]['time']>
  >
}

/** The zip that a folder `x.zip.d` stands for; members in order of their names, zips inside it likewise. */
function zipOf(folder: string, timeOf: (path: string) => string): Buffer {
  return makeZip(
    readdirSync(folder)
      .sort()
      .flatMap(name => {
        const path = join(folder, name)
        const time = wallTime(timeOf(path))
        if (name.endsWith(ZIP)) return [{ name: name.slice(0, -2), data: zipOf(path, timeOf), time }]
        return statSync(path).isDirectory()
          ? filesBelow(path).map(inner => ({ name: `${name}/${inner}`, data: readFileSync(join(path, inner)), time }))
          : [{ name, data: readFileSync(path), time }]
      }),
  )
}

/** Published files of a case by their path below input/ or loose/, zips made. */
export function inputsOf(of: Case, part: 'input' | 'loose' = 'input'): Map<string, Buffer> {
  const input = join(of.folder, part)
  const timesPath = join(of.folder, 'times.json')
  const times = existsSync(timesPath) ? (JSON.parse(readFileSync(timesPath, 'utf8')) as Record<string, string>) : {}
  const timeOf = (path: string) => times[relative(input, path)] ?? MEMBER_TIME
  const files = new Map<string, Buffer>()
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name)
      if (name.endsWith(ZIP)) files.set(relative(input, path).slice(0, -2), zipOf(path, timeOf))
      else if (statSync(path).isDirectory()) visit(path)
      else files.set(relative(input, path), readFileSync(path))
    }
  }
  if (existsSync(input)) visit(input)
  return files
}

/**
 * The same inputs, otherwise arranged: as they are; each below a folder of its own whose names run backwards (published folders
 * stay: they may tell final from preliminary), with modification times that run backwards too; or with a copy of everything in
 * another folder.
 */
export type Arrangement = 'as published' | 'shuffled' | 'doubled'

export function layOut(of: Case, target: string, arrangement: Arrangement): void {
  const put = (path: string, data: Buffer, mtime: number): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, data)
    utimesSync(path, mtime, mtime)
  }
  const files = [
    ...[...inputsOf(of)].map(each => [target, ...each] as const),
    // Beside the market's folder: path or content must tell whose they are.
    ...[...inputsOf(of, 'loose')].map(each => [dirname(target), ...each] as const),
  ]
  files.forEach(([folder, path, data], at) => {
    const back = files.length - at
    if (arrangement === 'shuffled') put(join(folder, `folder ${back}`, path), data, 1.6e9 + 1000 * back)
    else put(join(folder, path), data, 1.7e9 + 1000 * at)
    if (arrangement === 'doubled') put(join(folder, 'a copy of all', path), data, 1.5e9 + 1000 * back)
  })
}

/** A folder for the work of one test. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fixture-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// ---- Running and reading back ----

export function optionsFor(isos: readonly string[], input: string, output: string): RunOptions {
  return {
    isos,
    datasets: DATASETS.map(dataset => dataset.id),
    ranges: [],
    input,
    output,
    tmpDir: '',
    workers: 0,
    batchSize: 50,
    maxInFlight: 4,
    memoryLimit: 1 << 30,
    memorySource: 'the test',
    guard: GUARD_DEFAULTS,
    limitSelf: false,
    limit: undefined,
    hint: undefined,
    maxBadRows: { count: 0 },
    maxGaps: undefined,
    force: false,
    dryRun: false,
  }
}

export function convert(options: RunOptions): Promise<RunReport> {
  return new Run(options).convert()
}

/** Every Parquet file by `dataset/partition`, in that order. */
export function parquetFiles(output: string): Map<string, Buffer> {
  const folder = join(output, 'parquet')
  const found = filesBelow(folder).map(path => {
    const match = /^[a-z]+_(?<dataset>.+)_(?<key>\d{4}-\d\d(?:-\d\d)?)\.parquet$/.exec(basename(path))
    if (!match) throw new Error(`${path}: not a Parquet file of ours`)
    return [`${match.groups?.dataset}/${match.groups?.key}`, readFileSync(join(folder, path))] as const
  })
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function receiptsOf(output: string): Receipt[] {
  const folder = join(output, 'receipts')
  return filesBelow(folder).map(path => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Receipt)
}

export function quarantineOf(output: string): { code: string; file: string; line: number }[] {
  const folder = join(output, 'quarantine')
  return filesBelow(folder).flatMap(path =>
    readFileSync(join(folder, path), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line)),
  )
}

/** All rows in file order, as expected.csv shows them; a first line of names for each new set of columns. */
export async function foundTable(output: string): Promise<string[][]> {
  const table: string[][] = []
  let header = ''
  for (const [name, bytes] of parquetFiles(output)) {
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    const types = new Map(
      parquetMetadata(file)
        .schema.slice(1)
        .map(each => [each.name, each.logical_type]),
    )
    const names = [...types.keys()]
    if (names.join() !== header) table.push(['file', ...names])
    header = names.join()
    for (const row of await parquetReadObjects({ file, compressors }))
      table.push([name, ...names.map(column => shown(row[column], types.get(column)))])
  }
  return table
}

function shown(value: unknown, type: { type: string; isAdjustedToUTC?: boolean } | undefined): string {
  if (value === null || value === undefined) return ''
  if (!(value instanceof Date)) return String(value)
  if (type?.type === 'DATE') return value.toISOString().slice(0, 10)
  return value.toISOString().slice(0, 19) + (type?.isAdjustedToUTC ? 'Z' : '')
}

/** Where two tables differ, column by column or row by row, for people; empty if they do not. */
export function difference(expected: readonly string[][], found: readonly string[][]): string {
  const key = (row: readonly string[]) => JSON.stringify(row)
  if (expected.map(key).join() === found.map(key).join()) return ''
  const [header = []] = expected
  if (expected.length !== found.length || key(header) !== key(found[0] ?? [])) {
    const had = new Set(expected.map(key))
    const have = new Set(found.map(key))
    return [
      `expected ${expected.length - 1} rows, found ${Math.max(0, found.length - 1)}`,
      ...bounded(expected.filter(row => !have.has(key(row))).map(row => `- ${row.join()}`)),
      ...bounded(found.filter(row => !had.has(key(row))).map(row => `+ ${row.join()}`)),
    ].join('\n')
  }
  const lines: string[] = []
  header.forEach((name, column) => {
    const other = [...expected.keys()].filter(at => expected[at]?.[column] !== found[at]?.[column])
    const [at] = other
    if (at === undefined) return
    const cells = `expected "${expected[at]?.[column]}", found "${found[at]?.[column]}"`
    lines.push(`${name}: ${other.length} of ${expected.length - 1} differ, the first in line ${at + 1}: ${cells}`)
  })
  return lines.join('\n') || 'the same rows in another order'
}

function bounded(lines: readonly string[]): string[] {
  return lines.length > 12 ? [...lines.slice(0, 12), `  ... and ${lines.length - 12} more`] : [...lines]
}
