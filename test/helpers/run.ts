/** What the tests of whole runs share: small generated archives, runs in this process and of the built command, and reading what they wrote. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll } from 'vitest'
import { readOptions } from '../../src/cli/options.js'
import type { RunOptions } from '../../src/model/options.js'
import type { Receipt } from '../../src/model/unit.js'
import { Run, type RunEvents, SILENT } from '../../src/run/convert.js'
import type { RunReport } from '../../src/run/report.js'
import { DAY, eastern, HOUR, instantsOf, MINUTE } from '../oracle/time.js'

export const ROOT = join(import.meta.dirname, '../..')
export const SAMPLES = join(ROOT, '../shared/samples')
export const COMMAND = join(ROOT, 'dist/src/cli/main.js')

export function samplesAbsent(test: string): boolean {
  const absent = !existsSync(SAMPLES)
  if (absent) console.log(`${test}: real samples skipped, no folder ${SAMPLES}`)
  return absent
}

/** A folder for the tests of one file, gone when they are over. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `iso-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes files by path below a folder and returns it. */
export function put(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

// The built command

const newest = (folder: string): number =>
  Math.max(
    0,
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => statSync(join(folder, name)).mtimeMs),
  )

const stale = () =>
  !existsSync(COMMAND) ||
  statSync(COMMAND).mtimeMs < Math.max(newest(join(ROOT, 'src')), newest(join(ROOT, 'converters')))

/** For `beforeAll`: builds if a source is newer than the built command. Test files run side by side: one builds, the others wait. */
export async function ensureBuilt(): Promise<void> {
  const lock = join(tmpdir(), `iso-build-${createHash('sha256').update(ROOT).digest('hex').slice(0, 12)}.lock`)
  for (let waited = 0; stale(); waited += 200) {
    try {
      mkdirSync(lock)
    } catch {
      if (waited > 100_000) rmSync(lock, { recursive: true, force: true })
      await sleep(200)
      continue
    }
    try {
      if (stale()) execFileSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: 'inherit' })
    } finally {
      rmdirSync(lock)
    }
  }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  /** Put before `node`: a shell that sets a limit, for example. */
  readonly shell?: string
  /** Milliseconds after which it is killed: nothing that a test starts outlives it. */
  readonly limit?: number
}

/** The caller's own settings must not reach a test. */
function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(ISO_|VITEST|NODE_OPTIONS|DEBUG)/.test(name))
  return { ...Object.fromEntries(own), ...more }
}

/** Starts `convert` with these arguments; `ended` resolves whatever happens to it. */
export function start(
  args: readonly string[],
  options: CommandOptions = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const line = [process.execPath, COMMAND, ...args]
  const { shell } = options
  const [program, ...rest] = shell ? ['sh', '-c', `${shell}; exec "$@"`, 'sh', ...line] : line
  const child = spawn(program as string, rest, {
    cwd: options.cwd ?? ROOT,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.limit ?? 50_000,
    killSignal: 'SIGKILL',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, ended }
}

export const command = (args: readonly string[], options: CommandOptions = {}): Promise<Ended> =>
  start(args, options).ended

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

// Runs in this process

export function optionsFor(
  isos: readonly string[],
  input: string,
  output: string,
  more: Partial<RunOptions> = {},
): RunOptions {
  return { ...readOptions(isos, { input, output, workers: '0' }, {}), ...more }
}

export function convert(
  isos: string | readonly string[],
  input: string,
  output: string,
  more: Partial<RunOptions> = {},
  events: Partial<RunEvents> = {},
): Promise<RunReport> {
  return new Run(optionsFor([isos].flat(), input, output, more), { ...SILENT, ...events }).convert()
}

// What was written

/** Paths below a folder that match, sorted. */
export function filesBelow(folder: string, pattern = /./): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .filter(name => pattern.test(name))
    .sort()
}

export const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** sha256 by path of every Parquet file of an output folder. */
export function parquetDigests(output: string): Record<string, string> {
  return Object.fromEntries(filesBelow(output, /\.parquet$/).map(name => [name, digest(join(output, name))]))
}

export function receipts(output: string): Receipt[] {
  const folder = join(output, 'receipts')
  return filesBelow(folder, /\.json$/).map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Receipt)
}

export interface Rejected {
  readonly file: string
  readonly line: number
  readonly offset: number
  readonly column: string
  readonly code: string
  readonly reason: string
  readonly raw: string
}

export function quarantined(output: string): Rejected[] {
  const folder = join(output, 'quarantine')
  return filesBelow(folder, /\.jsonl$/).flatMap(name =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Rejected),
  )
}

/** The conservation law of SCHEMA.md section 5; the receipt's name where it does not hold. */
export function unbalanced(all: readonly Receipt[]): string[] {
  return all
    .filter(({ counts: c, file }) => {
      const found =
        c.written +
        c.duplicate_identical +
        c.superseded +
        c.conflicting +
        c.quarantined +
        c.other_market +
        c.outside_partition
      return c.read !== found || c.written !== (file?.rows ?? 0)
    })
    .map(each => `${each.iso} ${each.dataset} ${each.partition}: ${JSON.stringify(each.counts)}`)
}

const instance = await DuckDBInstance.create(':memory:', { threads: '1' })

export type Cell = string | number | boolean | null
export type Row = Record<string, Cell>

/** Rows of a query; 64-bit integers as numbers. */
export async function query(sql: string): Promise<Row[]> {
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS() as Record<string, unknown>[]
    return rows.map(row => {
      for (const [name, value] of Object.entries(row)) if (typeof value === 'bigint') row[name] = Number(value)
      return row as Row
    })
  } finally {
    connection.closeSync()
  }
}

const TIMES: Readonly<Record<string, string>> = {
  interval_start_utc: '%Y-%m-%dT%H:%M:%SZ',
  interval_end_utc: '%Y-%m-%dT%H:%M:%SZ',
  interval_start_local: '%Y-%m-%dT%H:%M:%S',
  delivery_date: '%Y-%m-%d',
}
const AS_TEXT = Object.entries(TIMES)
  .map(([name, format]) => `strftime(${name}, '${format}') AS ${name}`)
  .join(', ')

/** Rows of one data set of one market, file by file in the order in which they stand, times as the oracle writes them. */
export function rowsOf(output: string, iso: string, dataset: string, where = 'true'): Promise<Row[]> {
  const glob = join(output, 'parquet', iso, dataset, '**/*.parquet')
  return query(
    `SELECT * EXCLUDE (filename, file_row_number) REPLACE (${AS_TEXT})
     FROM read_parquet('${glob}', filename = true, file_row_number = true, hive_partitioning = false)
     WHERE ${where} ORDER BY filename, file_row_number`,
  )
}

// Small archives

/** A price with two decimals, always the same for the same place in the archive. */
export function price(...of: readonly (string | number)[]): number {
  const hash = createHash('sha256').update(of.join('|')).digest()
  return (hash.readInt16LE(0) % 20_000) / 100
}

const two = (value: number) => String(value).padStart(2, '0')
const parts = (wall: number) => {
  const at = new Date(wall)
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  }
}

/** `1/2/2024 5:00:00 AM`, as PJM prints. */
export function pjmStamp(wall: number): string {
  const { year, month, day, hour, minute, second } = parts(wall)
  return `${month}/${day}/${year} ${hour % 12 || 12}:${two(minute)}:${two(second)} ${hour < 12 ? 'AM' : 'PM'}`
}

/** `01/02/2024 05:00`, as NYISO prints; with seconds in real-time files. */
export function nyisoStamp(wall: number, seconds = false): string {
  const { year, month, day, hour, minute, second } = parts(wall)
  return `${two(month)}/${two(day)}/${year} ${two(hour)}:${two(minute)}${seconds ? `:${two(second)}` : ''}`
}

/** UTC start of an Eastern market day, and of the next. */
export function easternDay(date: string): { from: number; to: number } {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  return { from: instantsOf(midnight, eastern)[0] as number, to: instantsOf(midnight + DAY, eastern)[0] as number }
}

export const digits = (date: string): string => date.replaceAll('-', '')

const PJM_HEADER = (side: string) =>
  `datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_${side},total_lmp_${side},congestion_price_${side},marginal_loss_price_${side},row_is_current,version_nbr`

export interface PjmRows {
  readonly from: number
  readonly to: number
  readonly nodes?: number
  readonly side?: 'da' | 'rt'
  readonly step?: number
  /** Prices differ where this does. */
  readonly seed?: number
  readonly version?: number
  readonly current?: boolean
}

export function pjmFile(blocks: readonly PjmRows[]): string {
  const side = blocks[0]?.side ?? 'da'
  const lines = [PJM_HEADER(side)]
  for (const { from, to, nodes = 3, step = HOUR, seed = 0, version = 1, current = true } of blocks)
    for (let at = from; at < to; at += step)
      for (let node = 1; node <= nodes; node++) {
        const energy = price('energy', at, seed)
        const congestion = price('congestion', node, at, seed)
        const loss = price('loss', node, at, seed)
        const cents = Math.round(energy * 100) + Math.round(congestion * 100) + Math.round(loss * 100)
        const type = node % 2 ? 'ZONE' : 'LOAD'
        const place = node % 2 ? `${node},NODE ${node},,` : `${node},NODE ${node},230 KV,T-${node}`
        lines.push(
          `${pjmStamp(at)},${pjmStamp(at + eastern(at) * MINUTE)},${place},${type},${node % 2 ? '' : 'AEP'},${energy.toFixed(2)},${(cents / 100).toFixed(6)},${congestion.toFixed(6)},${loss.toFixed(6)},${current ? 'True' : 'False'},${version}`,
        )
      }
  return `${lines.join('\r\n')}\r\n`
}

const NYISO_HEADER =
  '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)","Marginal Cost Congestion ($/MWHr)"'
const ZONES = ['CAPITL', 'CENTRL', 'DUNWOD', 'GENESE', 'H Q', 'N.Y.C.']

/** One NYISO day. `stem` realtime_*: stamps are ends, every five minutes; others: starts, every hour. */
export function nyisoDay(
  stem: string,
  date: string,
  { names = 3, seed = 0, until = 1 }: { names?: number; seed?: number; until?: number } = {},
): string {
  const { from, to } = easternDay(date)
  const ends = stem.startsWith('realtime')
  const step = ends ? 5 * MINUTE : HOUR
  const lines = [NYISO_HEADER]
  for (let at = from; at < from + (to - from) * until; at += step)
    for (let name = 0; name < names; name++) {
      const instant = ends ? at + step : at
      const stamp = nyisoStamp(instant + eastern(instant) * MINUTE, ends)
      const [lbmp, loss, congestion] = ['lbmp', 'loss', 'congestion'].map(of => price(of, name, at, seed).toFixed(2))
      lines.push(`"${stamp}","${ZONES[name] ?? `UNIT ${name}`}",${61752 + name},${lbmp},${loss},${congestion}`)
    }
  return `${lines.join('\r\n')}\r\n`
}

const HOURS = Array.from({ length: 24 }, (_, at) => `HE ${at + 1}`)
const TITLES: Readonly<Record<string, string>> = {
  da_expost_lmp: 'Day Ahead Market ExPost LMPs',
  da_exante_lmp: 'Day Ahead Market ExAnte LMPs',
  rt_lmp_final: 'Realtime Market LMPs',
  rt_lmp_prelim: 'Realtime Market LMPs',
}

/** One MISO day: three blocks of node rows, as published. */
export function misoDay(
  report: string,
  date: string,
  { nodes = 3, seed = 0 }: { nodes?: number; seed?: number } = {},
): string {
  const [year, month, day] = date.split('-') as [string, string, string]
  const lines = [
    TITLES[report] ?? '',
    `${month}/${day}/${year}`,
    '',
    ',,,All Hours-Ending are Eastern Standard Time (EST)',
  ]
  lines.push(`Node,Type,Value,${HOURS.join(',')}`)
  // A hash per cell would take seconds for files of the published size.
  const base = Math.round(price(report, date, seed) * 100)
  for (const [shift, value] of ['LMP', 'MCC', 'MLC'].entries())
    for (let node = 0; node < nodes; node++) {
      const cells = HOURS.map((_, hour) => (((base + node * 37 + hour * 101 + shift * 4111) % 9973) / 100).toFixed(2))
      lines.push(`NODE.${node},${node % 2 ? 'Gennode' : 'Hub'},${value},${cells.join(',')}`)
    }
  return `${lines.join('\n')}\n`
}

/** `2024-01-31` and so many days on. */
export const dateAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
