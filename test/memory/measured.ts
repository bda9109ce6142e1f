/** The built command, measured from outside, for the proofs of memory protection. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { shareOf } from '../../src/guard/budget.js'
import type { RunReport } from '../../src/run/report.js'
import { COMMAND, ROOT } from '../helpers/run.js'

export const MiB = 2 ** 20
export const GiB = 2 ** 30

interface Measured {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
  /** Bytes: all processes, pages that they share counted once. */
  readonly wholePeak: number
  /** The command itself, and its largest worker. */
  readonly rootPeak: number
  readonly childPeak: number
}

interface Measuring {
  measure(
    command: string,
    args: readonly string[],
    options: {
      readonly cwd?: string
      readonly env?: Readonly<Record<string, string | undefined>>
      readonly capture?: boolean
      readonly timeout?: number
    },
  ): Promise<Measured>
}

interface Archives {
  readonly GRADES: Readonly<Record<Grade, number>>
  readonly FILE_ROWS: number
  readonly PJM_HEADER: string
  readonly FIRST: number
  pjmStamp(ms: number): string
  graded(folder: string, files: number, perFile?: number): void
  misoWeek(folder: string, nodes?: number): number
  oneKey(folder: string, rows: number): void
}

interface Grown {
  readonly files: number
  readonly rows: number
}

export interface Verdict extends Grown {
  /** Bytes: what keeping the added rows would take, what the worker's peak grew by, and what it may. */
  readonly kept: number
  readonly growth: number
  readonly allowed: number
  readonly tries: number
  readonly holds: boolean
}

type Peaks = Grown & { readonly peaks: readonly number[] }

interface Verdicts {
  readonly ROW_BYTES: number
  judge(small: Peaks, large: Peaks): Verdict
  compare<T extends Grown>(small: T, large: T, measure: (grade: T) => Promise<number>): Promise<Verdict>
  inWords(verdict: Verdict): string
}

interface Generated {
  archive(scale: 'full', iso: 'pjm'): string
}

interface Hostile {
  manyLocations(folder: string, rows: number): void
  longLine(folder: string, bytes: number): void
  zeros(folder: string, bytes: number): void
  zerosBehindRows(folder: string, bytes: number): void
  manyMembers(folder: string, members: number): number
  junk(folder: string, files: number): void
}

export type Grade = 'MICRO' | 'SMALL' | 'MEDIUM' | 'LARGE'

/** The scripts are plain JavaScript, because an installed package runs them; here they get their types. */
const script = (name: string) => import(pathToFileURL(join(ROOT, 'scripts', name)).href)
const { measure } = (await script('memory/measure.mjs')) as Measuring
export const archives = (await script('memory/archives.mjs')) as Archives
export const generated = (await script('bench/generate.mjs')) as Generated
export const verdicts = (await script('memory/verdict.mjs')) as Verdicts
export const hostile = (await script('memory/hostile.mjs')) as Hostile

export interface Conversion extends Measured {
  /** Of a run that came to its end, whatever its exit status. */
  readonly report: RunReport | undefined
}

export interface ConversionOptions {
  readonly isos?: readonly string[]
  /** The archive, if it is not the folder itself. */
  readonly input?: string
  /** Gigabytes. */
  readonly limit: number
  readonly more?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Seconds after which it is killed. */
  readonly timeout?: number
}

/** The caller's own settings must not reach a test. */
const cleared = () =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter(name => /^(ISO_|VITEST|NODE_OPTIONS|DEBUG)/.test(name))
      .map(name => [name, undefined]),
  )

/** Beside the archive: what lies in it is input. */
export const outputOf = (folder: string): string => `${folder}.data`

/** One worker converts the archive. */
export async function converted(folder: string, options: ConversionOptions): Promise<Conversion> {
  const { isos = ['pjm'], input = folder, limit, more = [], env = {}, timeout = 240 } = options
  const account = `${folder}.json`
  rmSync(account, { force: true })
  const where = ['--input', input, '--output', outputOf(folder), '--report', account]
  const bounds = ['--workers', '1', '--memory-limit', String(limit)]
  const run = await measure(process.execPath, [COMMAND, ...isos, ...where, ...bounds, ...more], {
    cwd: ROOT,
    env: { ...cleared(), ...env },
    capture: true,
    timeout: timeout * 1000,
  })
  const report = existsSync(account) ? (JSON.parse(readFileSync(account, 'utf8')) as RunReport) : undefined
  return { ...run, report }
}

/** Loads a module into the processes of a run. */
export const preloaded = (path: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(path).href}`,
})

/** Bytes of sorted rows that one worker's unit holds before it spills. */
export const heldRows = (limit: number): number => shareOf(limit * GiB, 1).rows / 2

export const batches = (stderr: string): string[] =>
  stderr.split('\n').filter(line => /^Processing [A-Z]+ batch \d+: files \d+-\d+ of \d+$/.test(line))

/** For the log of a test, because a figure that is only compared is soon forgotten. */
export function tell(name: string, { childPeak, rootPeak, wholePeak }: Measured): void {
  const [worker, parent, all] = [childPeak, rootPeak, wholePeak].map(bytes => Math.round(bytes / MiB))
  console.log(`${name}: worker ${worker} MB, parent ${parent} MB, together ${all} MB`)
}
