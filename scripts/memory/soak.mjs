// `npm run soak`: converts again and again for half an hour, with different numbers of workers and limits, and watches memory: of the
// command and its workers each second, and of one process that uses the library all the while, in which leaks would add up. Every
// exit code and every byte of Parquet must be the same each time. Writes soak.svg and soak.md. Exit status 0 or 1.
//
//   node scripts/memory/soak.mjs [--minutes 30] [--out docs] [--tmp-dir DIR]
//
// Archives: fixtures/archive, real samples if they lie beside this repository, and SYNTHETIC ones of archives.mjs (0.9 GB of disk).
import { fork, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GRADES, graded, misoWeek } from './archives.mjs'
import { resident, together, tree } from './measure.mjs'
import { chart } from './soak-chart.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const command = join(root, 'dist/src/cli/main.js')
const fixtures = join(root, 'fixtures/archive')
const samples = join(root, '../shared/samples')
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    out: { type: 'string', default: join(root, 'docs') },
    'tmp-dir': { type: 'string', default: tmpdir() },
    /** The long-lived process is this script as well. */
    library: { type: 'string' },
  },
})
const MINUTE = 60_000
const MiB = 2 ** 20
/** The caller's own settings must not decide what is converted. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(ISO_|NODE_OPTIONS$)/.test(name)),
)

/** What one long-lived process does: the library, in the process itself, over and over. */
async function useLibrary(folder) {
  const { convert } = await import('../../dist/src/index.js')
  const jobs = [
    { input: fixtures, output: join(folder, 'fixtures'), memoryLimit: 0.5 * 2 ** 30 },
    { input: join(folder, 'MICRO'), isos: ['pjm'], output: join(folder, 'micro'), memoryLimit: 2 ** 30 },
  ]
  for (let turn = 0; process.connected; turn++) {
    const report = await convert({ ...jobs[turn % jobs.length], workers: 0, force: true })
    process.send?.({ rows: rowsIn(report), code: report.exit_code })
    // Lets messages and the end of the parent come through.
    await sleep(1)
  }
}

const rowsIn = report => report.datasets.reduce((sum, each) => sum + each.rows, 0)

function digestOf(folder) {
  const hash = createHash('sha256')
  const names = readdirSync(folder, { recursive: true })
    .map(String)
    .filter(name => name.endsWith('.parquet'))
  for (const name of names.sort()) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

function archives(scratch) {
  for (const grade of ['MICRO', 'MEDIUM', 'LARGE']) graded(join(scratch, grade), GRADES[grade])
  misoWeek(join(scratch, 'week'), 1240)
  return [
    { name: 'fixtures', input: fixtures, isos: ['all'] },
    ...(existsSync(samples) ? [{ name: 'real samples', input: samples, isos: ['all'] }] : []),
    { name: 'MEDIUM', input: join(scratch, 'MEDIUM'), isos: ['pjm'] },
    { name: 'MISO week', input: join(scratch, 'week'), isos: ['miso'] },
    { name: 'LARGE', input: join(scratch, 'LARGE'), isos: ['pjm'] },
  ]
}
/** Workers and gigabytes; the archives meet each of these in turn. */
const BOUNDS = [
  ['1', '0.4'],
  ['2', '0.8'],
  ['0', '1'],
  ['auto', '4'],
]

class Soak {
  begin = performance.now()
  conversions = 0
  rows = 0
  /** By archive: what the first conversion ended with. */
  first = new Map()
  differences = []
  samples = []
  library = { conversions: 0, rows: 0, codes: new Set() }
  #running
  #libraryPid

  constructor(scratch) {
    this.scratch = scratch
  }

  get minutes() {
    return (performance.now() - this.begin) / MINUTE
  }

  sample() {
    const found = this.#running === undefined ? [] : tree(this.#running).map(resident)
    const whole = together(found.filter(each => each.now > 0))
    this.samples.push({ at: this.minutes, tree: whole / MiB, library: resident(this.#libraryPid).now / MiB })
  }

  useLibrary() {
    const child = fork(fileURLToPath(import.meta.url), ['--library', this.scratch], { env: environment })
    this.#libraryPid = child.pid
    child.on('message', ({ rows, code }) => {
      this.library.conversions++
      this.library.rows += rows
      this.library.codes.add(code)
    })
    child.on('exit', code => {
      if (!this.ended) this.differences.push(`the long-lived process ended with ${code}`)
    })
    return child
  }

  async convert({ name, input, isos }, [workers, limit]) {
    const output = join(this.scratch, `${name}.data`)
    const account = join(this.scratch, 'report.json')
    rmSync(account, { force: true })
    const where = ['--input', input, '--output', output, '--report', account]
    const bounds = ['--workers', workers, '--memory-limit', limit]
    const child = spawn(process.execPath, [command, ...isos, ...where, ...bounds, '--force', '--quiet'], {
      env: environment,
      stdio: 'ignore',
    })
    this.#running = child.pid
    const code = await new Promise(resolve => child.on('close', (status, signal) => resolve(status ?? signal)))
    this.#running = undefined
    this.conversions++
    const how = `${name}, ${workers} workers, ${limit} GB`
    if (!existsSync(account)) {
      this.differences.push(`${how}: ended with ${code} and without a report`)
      return
    }
    const rows = rowsIn(JSON.parse(readFileSync(account, 'utf8')))
    this.rows += rows
    const result = { code, rows, digest: digestOf(output) }
    const wanted = this.first.get(name) ?? result
    this.first.set(name, wanted)
    for (const field of ['code', 'rows', 'digest'])
      if (result[field] !== wanted[field])
        this.differences.push(`${how}: ${field} ${result[field]} instead of ${wanted[field]}`)
  }
}

/** Least squares: MB per hour of what the long-lived process holds, without its first minutes. */
function slope(samples) {
  const settled = samples.slice(Math.floor(samples.length / 5)).filter(each => each.library > 0)
  const mean = pick => settled.reduce((sum, each) => sum + pick(each), 0) / settled.length
  const [time, size] = [mean(each => each.at), mean(each => each.library)]
  const over = settled.reduce((sum, each) => sum + (each.at - time) * (each.library - size), 0)
  return (60 * over) / settled.reduce((sum, each) => sum + (each.at - time) ** 2, 0)
}

function figures(values) {
  const sorted = values.filter(value => value > 0).sort((a, b) => a - b)
  return { median: sorted[sorted.length >> 1] ?? 0, most: sorted.at(-1) ?? 0 }
}

function account(soak, growth) {
  const all = figures(soak.samples.map(each => each.tree))
  const library = figures(soak.samples.map(each => each.library))
  const number = value => Math.round(value).toLocaleString('en-US')
  const results = [...soak.first].map(
    ([name, { code, rows, digest }]) => `| ${name} | ${code} | ${number(rows)} | ${digest.slice(0, 16)} |`,
  )
  const bounds = BOUNDS.map(([workers, limit]) => `${workers} with ${limit} GB`).join(', ')
  return `# Soak test

\`npm run soak -- --minutes ${options.minutes}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}. Archives other than the fixtures and the real samples are synthetic.

![Resident memory over time](soak.svg)

| figure | value |
|---|---:|
| minutes | ${soak.minutes.toFixed(1)} |
| conversions by the command | ${number(soak.conversions)} |
| rows written by them | ${number(soak.rows)} |
| command and workers together: median, highest | ${number(all.median)} MB, ${number(all.most)} MB |
| conversions in the long-lived process | ${number(soak.library.conversions)} |
| rows written by it | ${number(soak.library.rows)} |
| long-lived process: median, highest | ${number(library.median)} MB, ${number(library.most)} MB |
| its growth, least squares after the first fifth | ${growth.toFixed(1)} MB/hour |
| exit codes of the long-lived process | ${[...soak.library.codes].join(', ')} |
| differences in exit codes, rows or Parquet bytes | ${soak.differences.length} |

Workers and limits in turn: ${bounds}. Memory was looked at once a second. What each archive gave, the same each time:

| archive | exit code | rows | sha256 of all Parquet files |
|---|---:|---:|---|
${results.join('\n')}
${soak.differences.length > 0 ? `\nDifferences:\n\n${soak.differences.map(each => `* ${each}\n`).join('')}` : ''}`
}

async function main() {
  mkdirSync(options.out, { recursive: true })
  mkdirSync(options['tmp-dir'], { recursive: true })
  const scratch = mkdtempSync(join(options['tmp-dir'], 'iso-soak-'))
  const soak = new Soak(scratch)
  try {
    console.log(`${options.minutes} minutes`)
    const list = archives(scratch)
    soak.begin = performance.now()
    const library = soak.useLibrary()
    const timer = setInterval(() => soak.sample(), 1000)
    for (let turn = 0; soak.minutes < Number(options.minutes); turn++) {
      // The shift lets every archive meet every pair of bounds.
      const bounds = BOUNDS[(turn + Math.floor(turn / list.length)) % BOUNDS.length]
      await soak.convert(list[turn % list.length], bounds)
      const last = soak.samples.at(-1)
      if (turn % list.length === 0)
        console.log(
          `${soak.minutes.toFixed(1)} min: ${soak.conversions} + ${soak.library.conversions} conversions, long-lived process ${Math.round(last?.library ?? 0)} MB, ${soak.differences.length} differences`,
        )
    }
    clearInterval(timer)
    soak.ended = true
    library.disconnect()
    library.kill()
    const growth = slope(soak.samples)
    writeFileSync(join(options.out, 'soak.svg'), chart(soak.samples, Number(options.minutes)))
    writeFileSync(join(options.out, 'soak.md'), account(soak, growth))
    console.log(`${growth.toFixed(1)} MB/hour in the long-lived process, ${soak.differences.length} differences`)
    for (const each of soak.differences) console.log(each)
    process.exitCode = soak.differences.length === 0 ? 0 : 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (options.library) await useLibrary(options.library)
else await main()
