/** Flags and environment become one frozen object. No file is touched here, and no code looks at a flag afterwards. */
import { converters } from '../../converters/index.js'
import { automaticBudget, type Budget } from '../guard/budget.js'
import { DATASETS } from '../model/dataset.js'
import { UsageError } from '../model/errors.js'
import type { GuardSettings } from '../model/guard.js'
import type { RunOptions } from '../model/options.js'
import { parseDay } from '../shape/clock.js'
import { type Environment, type GuardFlags, readGuard } from './guarding.js'

export interface Flags extends GuardFlags {
  readonly year?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly all?: boolean
  readonly daOnly?: boolean
  readonly rtOnly?: boolean
  readonly asOnly?: boolean
  readonly input?: string
  readonly iso?: string
  readonly output?: string
  readonly tmpDir?: string
  readonly workers?: string
  readonly batchSize?: string
  readonly maxInFlight?: string
  readonly memoryLimit?: string
  readonly nLimit?: string
  readonly maxBadRows?: string
  readonly maxGaps?: string
  readonly force?: boolean
  readonly dryRun?: boolean
}

const GiB = 1024 ** 3

export function readOptions(isos: readonly string[], flags: Flags, env: Environment = process.env): RunOptions {
  const guard = readGuard(flags, env)
  const memory = memoryOf(flags, env, guard)
  return Object.freeze({
    isos: isosOf(isos),
    datasets: datasetsOf(flags),
    ranges: rangesOf(flags),
    hint: flags.iso === undefined ? undefined : isosOf([flags.iso])[0]?.toUpperCase(),
    input: flags.input ?? env.ISO_DATA_DIR ?? 'data/raw',
    output: flags.output ?? env.ISO_OUTPUT_DIR ?? 'data',
    tmpDir: flags.tmpDir ?? '',
    workers: (flags.workers ?? 'auto') === 'auto' ? 'auto' : whole('--workers', flags.workers as string, 0),
    batchSize: whole('--batch-size', flags.batchSize ?? '50', 1),
    maxInFlight: whole('--max-in-flight', flags.maxInFlight ?? '4', 1),
    memoryLimit: memory.bytes,
    memorySource: memory.source,
    guard,
    limitSelf: false,
    limit: flags.nLimit === undefined ? undefined : whole('--n-limit', flags.nLimit, 1),
    maxBadRows: badRowsOf(flags.maxBadRows ?? '0'),
    maxGaps: flags.maxGaps === undefined ? undefined : whole('--max-gaps', flags.maxGaps, 0),
    force: flags.force ?? false,
    dryRun: flags.dryRun ?? false,
  })
}

export function isosOf(names: readonly string[]): string[] {
  const known = [...converters.keys()]
  const asked = names.flatMap(name =>
    name.toLowerCase() === 'all' ? known : [name.toLowerCase().replace(/[-_]/g, '')],
  )
  for (const name of asked)
    if (!converters.has(name))
      throw new UsageError('iso', `no market called "${name}"; known are ${known.join(', ')} and all`)
  if (asked.length === 0) throw new UsageError('iso', `which market? Known are ${known.join(', ')} and all`)
  return known.filter(name => asked.includes(name))
}

function datasetsOf(flags: Flags): string[] {
  const only = (['da', 'rt', 'as'] as const).filter(market => flags[`${market}Only`])
  if (only.length > 1)
    throw new UsageError(
      'markets',
      `--${only.join('-only and --')}-only exclude each other; leave them out for every market`,
    )
  const [market] = only
  const wanted = DATASETS.filter(dataset => {
    if (market === undefined) return true
    if (market === 'as') return dataset.kind === 'ancillary'
    return dataset.kind === 'energy' && dataset.market.toLowerCase() === market
  })
  return wanted.map(dataset => dataset.id)
}

function rangesOf(flags: Flags): { from: string; to: string }[] {
  const years = flags.year ?? []
  if (flags.all && (years.length > 0 || flags.from || flags.to))
    throw new UsageError('dates', '--all means every year; it excludes --year, --from and --to')
  if (years.length > 0 && (flags.from || flags.to))
    throw new UsageError('dates', '--year and --from/--to exclude each other')
  for (const year of years)
    if (!/^(19|20)\d\d$/.test(year)) throw new UsageError('year', `--year takes a year such as 2024, not "${year}"`)
  if (years.length > 0) return years.map(year => ({ from: `${year}-01-01`, to: `${year}-12-31` }))
  if (!flags.from && !flags.to) return []
  const from = flags.from ?? '0001-01-01'
  const to = flags.to ?? '9999-12-31'
  for (const [name, date] of [
    ['--from', from],
    ['--to', to],
  ] as const)
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(parseDay(date)))
      throw new UsageError('date', `${name} takes a date such as 2024-03-10, not "${date}"`)
  if (from > to) throw new UsageError('dates', `--from ${from} is after --to ${to}`)
  return [{ from, to }]
}

export function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || text.trim() === '')
    throw new UsageError('number', `${name} takes a whole number of at least ${least}, not "${text}"`)
  return value
}

function memoryOf(flags: Flags, env: Environment, guard: GuardSettings): Budget {
  const [name, text] =
    flags.memoryLimit !== undefined
      ? ['--memory-limit', flags.memoryLimit]
      : ['ISO_CONVERTER_MEMORY_LIMIT_GB', env.ISO_CONVERTER_MEMORY_LIMIT_GB]
  const automatic = automaticBudget(guard)
  if (text === undefined || text === '') return automatic
  const value = Number(text)
  if (!(value >= 0) || text.trim() === '')
    throw new UsageError('number', `${name} takes gigabytes such as 4 or 0.5, not "${text}"`)
  if (value === 0) return { bytes: Number.POSITIVE_INFINITY, source: name }
  return { bytes: value * GiB, source: name }
}

function badRowsOf(text: string): RunOptions['maxBadRows'] {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)
  if (percent) return { percent: Number(percent[1]) }
  if (!/^\d+$/.test(text))
    throw new UsageError('number', `--max-bad-rows takes a number of rows or a percentage such as 0.1%, not "${text}"`)
  return { count: Number(text) }
}
