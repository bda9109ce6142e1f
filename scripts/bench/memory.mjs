// Predicted against measured memory: for each kind of layout the peak that a run is planned with (ResourceManager, as the command itself
// plans) and the peak that it had, of the worker and of the parent, at two sizes and two budgets, one worker. Then gamma, the bytes of
// peak memory per byte of text, from the two sizes where nothing is spilled: what MEASURED_GAMMA in src/guard/estimate.ts is taken from.
//
//   npm run bench:memory -- [--only pjm,miso,caiso,spp,week] [--record]
//
// Archives are those of generate.mjs, medium scale, and weeks of scripts/memory/archives.mjs; all are SYNTHETIC and made on first use under
// scripts/bench/work. --record appends the table to RESULTS.md. Figures are peaks of resident memory: a busy machine does not change them.
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { converters } from '../../dist/converters/index.js'
import { readOptions } from '../../dist/src/cli/options.js'
import { peakOfShare, shareOf } from '../../dist/src/guard/budget.js'
import { ResourceManager } from '../../dist/src/index.js'
import { Run } from '../../dist/src/run/convert.js'
import { misoWeek } from '../memory/archives.mjs'
import { measure } from '../memory/measure.mjs'
import { archive, WORK } from './generate.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const GiB = 2 ** 30
/** The first spills; the second holds every job's rows. */
const BUDGETS = [0.5, 8]
/** Bytes of a row in a sorted run, most of them prices. */
const ROW_BYTES = 44

function week(nodes) {
  const folder = join(WORK, `week-${nodes}`)
  const done = join(folder, '.done')
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true })
    misoWeek(folder, nodes)
    writeFileSync(done, 'SYNTHETIC prices, not published by any ISO.\n')
  }
  return folder
}
const medium = iso => join(archive('medium', iso), 'input')

/** Two sizes each: by number of source files, which is the size of the unit as long as all are of one partition. */
const JOBS = {
  pjm: { iso: 'pjm', what: 'PJM days', sizes: [2, 5], input: () => medium('pjm') },
  miso: { iso: 'miso', what: 'MISO DA days', sizes: [10, 31], input: () => medium('miso') },
  caiso: { iso: 'caiso', what: 'CAISO components', sizes: [12, 40], input: () => medium('caiso') },
  spp: { iso: 'spp', what: 'SPP small files', sizes: [144, 287], input: () => medium('spp') },
  week: { iso: 'miso', what: 'MISO week, nodes', sizes: [620, 1240], input: week, byNodes: true },
}

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: Object.keys(JOBS).join(',') }, record: { type: 'boolean' } },
})

/** What the command plans with: text and layout of each unit. */
async function unitsOf(flags) {
  const [{ converter, plan }] = await new Run(readOptions([flags.iso], flags, {})).plan()
  return plan.units.map(({ sources }) => ({
    bytes: sources.reduce((sum, source) => sum + source.size, 0),
    layout: converter.reports.find(each => each.id === sources[0]?.report)?.layout.kind,
  }))
}

async function run({ iso, what, input, byNodes }, size, budget) {
  const folder = input(size)
  const output = join(WORK, 'output/memory', iso)
  const nLimit = byNodes ? undefined : String(size)
  const units = await unitsOf({ iso, input: folder, output, nLimit, force: true })
  const predicted = new ResourceManager(undefined, budget * GiB).estimator(1).estimateRun(units, 1)
  const account = join(WORK, 'output/memory.json')
  mkdirSync(output, { recursive: true })
  const where = ['--input', folder, '--output', output, '--report', account]
  const bounds = ['--workers', '1', '--memory-limit', String(budget), ...(nLimit ? ['--n-limit', nLimit] : [])]
  const command = [join(root, 'dist/src/cli/main.js'), iso, ...where, ...bounds, '--force', '--quiet']
  const measured = await measure(process.execPath, command, { cwd: root, env: { NODE_OPTIONS: undefined } })
  if (measured.status !== 0) throw new Error(`${what} ${size} ended with ${measured.status}`)
  const rows = JSON.parse(readFileSync(account, 'utf8')).datasets.reduce((sum, each) => sum + each.rows, 0)
  const largest = units.reduce((most, each) => (each.bytes > most.bytes ? each : most))
  const spills = (rows / units.length) * ROW_BYTES > shareOf(budget * GiB, 1).rows / 2
  return {
    what,
    size,
    budget,
    layout: largest.layout,
    bytes: largest.bytes,
    units,
    rows,
    predicted,
    spills,
    ...measured,
  }
}

const mb = bytes => (bytes / 2 ** 20).toFixed(0)
const HEAD = [
  'job',
  'layout',
  'units',
  'MB of text per unit',
  'rows',
  'budget GB',
  'spills',
  'predicted MB',
  'worker MB',
  'parent MB',
  'together MB',
  'measured / predicted',
]

function table(head, lines) {
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map(cells => cells[at].length)))
  const row = cells =>
    `| ${cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`
  const rule = `|${widths.map((width, at) => (at < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [row(head), rule, ...lines.map(row)].join('\n')
}

const line = each => [
  `${each.what} ${each.size}`,
  each.layout,
  String(each.units.length),
  (each.bytes / 1e6).toFixed(0),
  String(each.rows),
  String(each.budget),
  each.spills ? 'yes' : 'no',
  mb(each.predicted),
  mb(each.childPeak),
  mb(each.rootPeak),
  mb(each.wholePeak),
  (each.wholePeak / each.predicted).toFixed(2),
]

/** Bytes of peak memory per byte of text, where both sizes were held whole. */
function gammaOf([small, large]) {
  const gamma = (large.childPeak - small.childPeak) / (large.bytes - small.bytes)
  const base = small.childPeak - gamma * small.bytes
  const doubt = small.spills || large.spills ? ' (spilled: too low)' : ''
  return `${small.what} (${small.layout}): gamma ${gamma.toFixed(2)}, worker without rows ${mb(base)} MB${doubt}`
}

const lines = []
const gammas = []
for (const name of options.only.split(',')) {
  const job = JOBS[name]
  if (!job) throw new Error(`no job ${name}; there are ${Object.keys(JOBS).join(', ')}`)
  if (!converters.has(job.iso)) throw new Error(`no converter for ${job.iso}`)
  for (const budget of BUDGETS) {
    const pair = []
    for (const size of job.sizes) pair.push(await run(job, size, budget))
    lines.push(...pair.map(line))
    if (budget === BUDGETS.at(-1)) gammas.push(gammaOf(pair))
    console.error(`${job.what}: done within ${budget} GB`)
  }
}

const ceilings = BUDGETS.map(budget => `${budget} GB: ${mb(peakOfShare(shareOf(budget * GiB, 1)))} MB`)
const notes = [`no worker is expected above its share (${ceilings.join(', ')})`, ...gammas]
const text = table(HEAD, lines)
console.log(`${text}\n\n${notes.join('\n')}`)

if (options.record) {
  const results = join(here, 'RESULTS.md')
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim()
  const dirty = git('status', '--porcelain') ? ' with local changes' : ''
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / GiB)} GiB, Node ${process.version}`
  const command = ['npm run bench:memory --', ...process.argv.slice(2)].join(' ')
  const date = new Date().toISOString().slice(0, 10)
  appendFileSync(
    results,
    `\n## ${date}, commit ${git('rev-parse', '--short', 'HEAD')}${dirty}: memory\n\n${machine}. \`${command}\`\n\n${text}\n\n${notes.map(note => `* ${note}\n`).join('')}`,
  )
  console.log(`recorded in ${relative(process.cwd(), results)}`)
}
