/** What a person sees: log lines and a progress bar on standard error, results on standard output. */
import cliProgress from 'cli-progress'
import winston from 'winston'
import { UsageError } from '../model/errors.js'
import type { Unit } from '../model/unit.js'
import type { RunEvents } from '../run/convert.js'
import type { DatasetSummary, FileNote, RunReport } from '../run/report.js'

export interface OutputFlags {
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly logFormat?: string
  readonly json?: boolean
}

export function makeLogger(flags: OutputFlags): winston.Logger {
  const format = flags.logFormat ?? 'text'
  if (format !== 'text' && format !== 'json')
    throw new UsageError('log-format', `--log-format is text or json, not "${format}"`)
  const { combine, timestamp, json, printf } = winston.format
  const text = printf(({ level, message }) => (level === 'info' ? String(message) : `${level}: ${message}`))
  return winston.createLogger({
    level: flags.quiet ? 'warn' : flags.verbose ? 'debug' : 'info',
    format: format === 'json' ? combine(timestamp(), json()) : text,
    transports: [
      new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'], forceConsole: false }),
    ],
  })
}

/** Progress of a run: a bar on a terminal, plain lines elsewhere. */
export class ProgressView {
  readonly events: RunEvents
  readonly #bar: cliProgress.SingleBar | undefined
  #total = 0
  #done = 0
  /** Bytes reported by each unit so far. */
  readonly #seen = new Map<Unit, number>()
  #began = false

  constructor(
    readonly logger: winston.Logger,
    readonly flags: OutputFlags,
  ) {
    const terminal = process.stderr.isTTY && !flags.quiet && flags.logFormat !== 'json'
    if (terminal)
      this.#bar = new cliProgress.SingleBar(
        {
          format: '{iso} {bar} {percentage}% | {value}/{total} MB | {dataset}',
          stream: process.stderr,
          clearOnComplete: true,
        },
        cliProgress.Presets.shades_classic,
      )
    this.events = {
      log: (level, message, fields) => logger.log(level, message, fields),
      planned: (iso, plan) => {
        const bytes = plan.units.reduce((sum, unit) => sum + bytesOf(unit), 0)
        this.#total += bytes
        logger.info(
          `${iso}: ${plan.units.length} unit${plan.units.length === 1 ? '' : 's'} to convert (${megabytes(bytes)} MB), ${plan.fresh.length} partitions up to date`,
        )
        if (!this.#bar || plan.units.length === 0) return
        if (this.#began) this.#bar.setTotal(megabytes(this.#total))
        else this.#bar.start(megabytes(this.#total), 0, { iso, dataset: '' })
        this.#began = true
      },
      progress: (unit, progress) => {
        if (progress.kind === 'bytes') {
          this.#done += progress.bytes
          this.#seen.set(unit, (this.#seen.get(unit) ?? 0) + progress.bytes)
          this.#bar?.update(Math.min(megabytes(this.#done), megabytes(this.#total)), {
            iso: unit.iso,
            dataset: unit.dataset,
          })
        } else if (progress.kind === 'batch')
          logger.log(
            this.#bar ? 'debug' : 'info',
            `Processing ${progress.iso} batch ${progress.batch}: files ${progress.from}-${progress.to} of ${progress.of}`,
            { dataset: unit.dataset, partitions: unit.leaves },
          )
      },
      unitDone: (unit, result) => {
        // What a compressed size or the last unreported bytes left open is done now.
        this.#done += bytesOf(unit) - (this.#seen.get(unit) ?? 0)
        this.#bar?.update(Math.min(megabytes(this.#done), megabytes(this.#total)), {
          iso: unit.iso,
          dataset: unit.dataset,
        })
        for (const receipt of result.receipts)
          logger.log(
            this.#bar ? 'debug' : 'info',
            `${unit.iso} ${unit.dataset} ${receipt.partition}: ${receipt.counts.written} rows in ${result.seconds.toFixed(1)} s, peak ${Math.round(result.peakRss / 2 ** 20)} MB`,
            { partition: receipt.partition },
          )
      },
    }
  }

  finish(): void {
    this.#bar?.stop()
  }
}

function bytesOf(unit: Unit): number {
  return unit.sources.reduce((sum, source) => sum + source.size, 0)
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6)

/** A table with aligned columns; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [head, ...rows].map(row =>
    row.map(cell => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)),
  )
  const widths = head.map((_, at) => Math.max(...texts.map(row => (row[at] ?? '').length)))
  const numeric = head.map((_, at) => rows.length > 0 && rows.every(row => typeof row[at] === 'number'))
  return texts
    .map(row =>
      row
        .map((cell, at) => (numeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

interface SummaryColumn {
  readonly name: string
  readonly of: (each: DatasetSummary) => string | number
  readonly rare?: boolean
}

const COLUMNS: readonly SummaryColumn[] = [
  { name: 'iso', of: each => each.iso },
  { name: 'data set', of: each => each.dataset },
  { name: 'files', of: each => each.partitions },
  { name: 'rows', of: each => each.rows },
  { name: 'duplicates', of: each => each.duplicate_identical },
  { name: 'superseded', of: each => each.superseded },
  { name: 'conflicting', of: each => each.conflicting, rare: true },
  { name: 'quarantined', of: each => each.quarantined },
  { name: 'other market', of: each => each.other_market, rare: true },
  { name: 'missing', of: each => each.missing_intervals },
  { name: 'first', of: each => each.first ?? '-' },
  { name: 'last', of: each => each.last ?? '-' },
]

function conflictText({
  iso,
  dataset,
  interval_start_utc,
  series,
  column,
  kept,
  beaten,
}: RunReport['conflicts'][number]): string {
  const where = series.location ?? [series.region, series.product].filter(each => each).join(' ')
  const value = (side: typeof kept) => `${side.value ?? 'none'} (${side.file})`
  return `\n  ${iso} ${dataset} ${where} ${interval_start_utc} ${column}: ${value(kept)} taken, not ${value(beaten)}`
}

export function summaryText(report: RunReport, verbose: boolean): string {
  // What happens rarely has a column only where it did happen.
  const columns = COLUMNS.filter(({ rare, of }) => !rare || report.datasets.some(each => of(each) !== 0))
  const rows = report.datasets.map(each => columns.map(({ of }) => of(each)))
  const head = columns.map(({ name }) => name)
  const parts = report.datasets.length > 0 ? [table(head, rows)] : []
  const conflicting = report.datasets.reduce((sum, each) => sum + each.conflicting, 0)
  if (conflicting > 0)
    parts.push(
      `${conflicting} conflicting ${conflicting === 1 ? 'price' : 'prices'}: one of two was taken, and no fact of the documents decided between them${report.conflicts.map(conflictText).join('')}`,
    )
  const written = report.written.reduce((sum, each) => sum + each.bytes, 0)
  parts.push(
    `${report.written.length} files written (${(written / 1e6).toFixed(1)} MB), ${report.up_to_date} up to date, ${report.seconds.toFixed(1)} s, peak ${report.peak_rss_mb} MB`,
  )
  for (const [title, list] of [
    ['empty', report.empty],
    ['out of scope', report.out_of_scope],
    ['unknown', report.unknown],
  ] as const)
    if (list.length > 0) parts.push(noteText(title, list, verbose))
  const prices = report.unknown.filter(each => each.looks_like_prices).map(each => each.file)
  if (prices.length > 0) parts.push(lookalikesText(prices, verbose))
  if (report.problems.length > 0)
    parts.push(
      `${report.problems.length} files with errors:\n${report.problems.map(each => `  ${each.code}: ${each.message}`).join('\n')}`,
    )
  if (report.failures.length > 0)
    parts.push(
      report.failures
        .map(each => `failed: ${each.iso} ${each.dataset} ${each.partitions.join(', ')}: ${each.message}`)
        .join('\n'),
    )
  return parts.join('\n')
}

/** A format that changed shows here on its first day. */
function lookalikesText(files: readonly string[], verbose: boolean): string {
  const shown = verbose ? files : files.slice(0, 5)
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : ''
  const found = files.length === 1 ? 'file looks like a price table' : 'files look like price tables'
  return `${files.length} ${found} that nothing here reads (convert inspect FILE tells more): ${shown.join(', ')}${more}`
}

/** An archive full of junk has a reason for each file. */
const REASONS = 20

/** Files that were not taken, by reason; members of one zip as one line. */
function noteText(title: string, list: readonly FileNote[], verbose: boolean): string {
  const byReason = new Map<string, string[]>()
  for (const { file, reason } of list) {
    const names = byReason.get(reason) ?? []
    const name = verbose ? file : (file.split(' > ')[0] as string)
    if (!names.includes(name)) names.push(name)
    byReason.set(reason, names)
  }
  const lines = [...byReason].map(([reason, names]) => {
    const shown = verbose ? names : names.slice(0, 3)
    const more = names.length - shown.length
    return `  ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${reason}`
  })
  const shown = verbose ? lines : lines.slice(0, REASONS)
  if (shown.length < lines.length) shown.push(`  ... and ${lines.length - shown.length} further reasons (--verbose)`)
  return `${list.length} ${title}:\n${shown.join('\n')}`
}
