// The benchmark: our built command, DuckDB and the plain row-by-row way, on the same synthetic archives, taking turns, each in its own
// processes on the same machine. Keep the machine quiet: with other work on it, trust the ratios of `best` rather than the seconds.
//
//   npm run bench -- [--scale small|medium|full] [--only pjm,miso,nyiso,caiso,spp] [--repeat 3] [--workers 2]
//                    [--peers-only] [--record] [--ours dist/src/cli/main.js]   (another build of our command)
//
// Archives are made on first use under scripts/bench/work (see generate.mjs; full needs about 6 GB). Every figure is the median of the
// repetitions: wall seconds of the whole command with its start, CPU seconds of all its processes, peak resident memory summed over them
// (measure.mjs), rows and input bytes per second, output bytes. Input bytes are those of the CSV text, also where we read zips and DuckDB
// gets them unzipped. Inputs are in the page cache for everybody. Our output must equal DuckDB's: row count, sum of lmp, and no row on
// either side whose key and lmp the other lacks; otherwise the exit status is 1. --record appends the table to RESULTS.md.
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { archive, GENERATORS, SCALES, WORK } from './generate.mjs'
import { measure } from './measure.mjs'
import { PLAIN, QUERIES } from './peers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: 'small' },
    only: { type: 'string', default: 'pjm,miso,nyiso' },
    repeat: { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    ours: { type: 'string', default: 'dist/src/cli/main.js' },
    'peers-only': { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})
const isos = options.only.split(',')
for (const iso of isos)
  if (!GENERATORS[iso]) throw new Error(`no benchmark for ${iso}; there are ${Object.keys(GENERATORS).join(', ')}`)
if (!SCALES[options.scale]) throw new Error(`no scale ${options.scale}; there are ${Object.keys(SCALES).join(', ')}`)

/** Rows that the row-by-row peer reads: enough for a steady figure, few enough to wait for. */
const PLAIN_ROWS = '60000'
/** Some ISOs name no type of location, and the two sides need not choose the same words. */
const COMPARED = { caiso: ['interval_start_utc', 'market_run', 'location_id'] }
const KEY = ['interval_start_utc', 'market_run', 'location_id', 'location_class']

function filesBelow(folder, pattern = /./) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && pattern.test(entry.name))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
}
const bytesOf = files => files.reduce((sum, file) => sum + statSync(file).size, 0)
const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

async function query(sql) {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(sql)).getRows()
  connection.closeSync()
  instance.closeSync()
  return rows
}

/** Runs all contenders in turn, so often as asked: a noisy minute then hits all of them, and the median forgets it. */
async function contend(contenders, inputBytes) {
  for (let turn = 0; turn < Number(options.repeat); turn++)
    for (const each of contenders) {
      rmSync(each.output, { recursive: true, force: true })
      const run = await measure(process.execPath, [resolve(root, each.script), ...each.args], { cwd: root })
      if (run.status !== 0) throw new Error(`${each.name}: ${each.script} ended with ${run.status}`)
      const last = run.stdout.trim().split('\n').at(-1) ?? ''
      if (each.reports) each.reported = JSON.parse(last)
      each.runs = [...(each.runs ?? []), run]
    }
  return Promise.all(contenders.map(each => summary(each, inputBytes)))
}

/** Medians of the measured; rows as the contender reports them, else as they lie in its output. */
async function summary({ name, output, runs, reported }, inputBytes) {
  const of = field => median(runs.map(run => run[field]))
  const footers = `SELECT sum(num_rows) FROM parquet_file_metadata('${output}/**/*.parquet')`
  return {
    name,
    rows: reported ? reported.rows : Number((await query(footers))[0][0]),
    bytes: reported?.bytes ?? inputBytes,
    output: bytesOf(filesBelow(output, /\.parquet$/)),
    seconds: of('seconds'),
    best: Math.min(...runs.map(run => run.seconds)),
    cpu: of('cpu'),
    treePeak: of('treePeak'),
    processPeak: of('processPeak'),
    processes: of('processes'),
  }
}

/** An empty list when both outputs hold the same rows; otherwise what differs. */
async function differences(iso, ours, theirs) {
  const faults = []
  for (const dataset of Object.keys(QUERIES[iso](''))) {
    const a = `read_parquet('${ours}/parquet/${iso}/${dataset}/**/*.parquet', hive_partitioning=false)`
    const b = `read_parquet('${theirs}/${dataset}.parquet')`
    const columns = [...(COMPARED[iso] ?? KEY), 'lmp'].join(', ')
    const both = await query(
      `SELECT count(*), round(sum(lmp), 2) FROM ${a} UNION ALL SELECT count(*), round(sum(lmp), 2) FROM ${b}`,
    )
    if (String(both[0]) !== String(both[1]))
      faults.push(`${dataset}: rows and sum of lmp ${both[0]} against ${both[1]}`)
    for (const [left, right, side] of [
      [a, b, 'only ours'],
      [b, a, 'only DuckDB'],
    ]) {
      const [[count]] = await query(
        `SELECT count(*) FROM (SELECT ${columns} FROM ${left} EXCEPT SELECT ${columns} FROM ${right})`,
      )
      if (Number(count) > 0) faults.push(`${dataset}: ${count} rows stand in ${side}`)
    }
  }
  return faults
}

const mb = bytes => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
const HEAD = [
  'job',
  'contender',
  'rows',
  'wall s',
  'best s',
  'cpu s',
  'rows/s',
  'CSV MB/s',
  'peak RSS MB',
  'largest process MB',
  'output MB',
  'rows/s to DuckDB',
  'RSS to DuckDB',
]

function line(job, of, duck) {
  const rate = of.rows / of.seconds
  const ratio = value => (Number.isFinite(value) ? `${value.toFixed(2)}x` : '')
  return [
    job,
    of.name,
    String(of.rows),
    of.seconds.toFixed(2),
    of.best.toFixed(2),
    of.cpu.toFixed(2),
    String(Math.round(rate)),
    mb(of.bytes / of.seconds),
    mb(of.treePeak),
    `${mb(of.processPeak)} of ${of.processes}`,
    mb(of.output),
    ratio(rate / (duck.rows / duck.seconds)),
    ratio(of.treePeak / duck.treePeak),
  ]
}

function table(lines) {
  const widths = HEAD.map((head, at) => Math.max(head.length, ...lines.map(cells => cells[at].length)))
  const row = cells =>
    `| ${cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`
  return [
    row(HEAD),
    `|${widths.map((width, at) => (at < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
    ...lines.map(row),
  ].join('\n')
}

const lines = []
const notes = []
let failed = false
for (const iso of isos) {
  const data = archive(options.scale, iso)
  const csv = filesBelow(join(data, 'unzipped', iso), /\.csv$/)
  const inputBytes = bytesOf(csv.length > 0 ? csv : filesBelow(join(data, 'input', iso), /\.csv$/))
  // Everybody finds the inputs in the page cache.
  for (const file of [...filesBelow(join(data, 'input', iso)), ...csv]) readFileSync(file)

  const place = name => join(WORK, 'output', options.scale, iso, name)
  const peer = (name, kind, ...more) => ({
    name,
    script: 'scripts/bench/peers.mjs',
    args: [kind, iso, '--data', data, '--output', place(kind), ...more],
    output: place(kind),
    reports: true,
  })
  const ours = {
    name: 'ours',
    script: options.ours,
    args: [
      iso,
      '--all',
      '--input',
      join(data, 'input'),
      '--output',
      place('ours'),
      '--workers',
      options.workers,
      '--force',
      '--quiet',
    ],
    output: place('ours'),
  }
  const contenders = [peer('DuckDB', 'duckdb', '--threads', options.workers)]
  if (!options['peers-only']) contenders.unshift(ours)
  if (PLAIN[iso]) contenders.push(peer('csv-parse + parquetjs-lite', 'rows', '--limit', PLAIN_ROWS))
  const results = await contend(contenders, inputBytes)
  const duck = results.find(each => each.name === 'DuckDB')
  lines.push(...results.map(each => line(iso, each, duck)))
  if (!options['peers-only']) {
    const faults = await differences(iso, place('ours'), place('duckdb'))
    notes.push(`${iso}: ${faults.length === 0 ? 'our rows equal those of DuckDB' : `DIFFERENT: ${faults.join('; ')}`}`)
    failed ||= faults.length > 0
  }
}

const text = table(lines)
console.log(`${text}\n${notes.join('\n')}`)

if (options.record) {
  const results = join(here, 'RESULTS.md')
  const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim()
  const dirty = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).stdout.trim()
    ? ' with local changes'
    : ''
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
  const date = new Date().toISOString().slice(0, 10)
  appendFileSync(
    results,
    `\n## ${date}, commit ${git}${dirty}\n\n${machine}. \`${command}\`\n\n${text}\n\n${notes.map(note => `* ${note}\n`).join('')}`,
  )
  console.log(`recorded in ${relative(process.cwd(), results)}`)
}
process.exitCode = failed ? 1 : 0
