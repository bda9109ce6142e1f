// `npm run selftest:memory`: shows on this machine, in about half a minute, that memory does not grow with the input. Converts MEDIUM
// (500 files, 500,000 rows) and LARGE (ten times as much, 100 batches) with one worker and a budget so small that even MEDIUM's rows
// exceed what a unit holds, and compares the peaks of resident memory, measured from outside, by the rule of verdict.mjs: up to three
// times, so that a chance does not decide. SYNTHETIC prices. Exit status 0 or 1.
//
//   node scripts/memory/selftest.mjs [--keep] [--tmp-dir DIR]        about 0.7 GB on disk; --keep leaves it there
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { shareOf } from '../../dist/src/guard/budget.js'
import { FILE_ROWS, GRADES, graded } from './archives.mjs'
import { canMeasure, measure } from './measure.mjs'
import { compare, inWords, ROW_BYTES } from './verdict.mjs'

const GiB = 2 ** 30
const LIMIT = 0.3

const { values: options } = parseArgs({ options: { keep: { type: 'boolean' }, 'tmp-dir': { type: 'string' } } })
const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const mb = bytes => Math.round(bytes / 2 ** 20)

/** The caller's own settings must not decide the outcome. */
const environment = Object.fromEntries(
  Object.keys(process.env)
    .filter(name => /^(ISO_|NODE_OPTIONS$)/.test(name))
    .map(name => [name, undefined]),
)

async function convert(scratch, { grade, files, rows: expected }) {
  const folder = join(scratch, grade)
  const account = join(scratch, `${grade}.json`)
  if (!existsSync(folder)) graded(folder, files)
  rmSync(account, { force: true })
  const where = [
    '--input',
    folder,
    '--output',
    join(scratch, `${grade}.data`),
    '--tmp-dir',
    scratch,
    '--report',
    account,
  ]
  const run = await measure(
    process.execPath,
    [command, 'pjm', ...where, '--force', '--workers', '1', '--memory-limit', String(LIMIT), '--quiet'],
    { env: environment, capture: true },
  )
  const rows = run.status === 0 ? JSON.parse(readFileSync(account, 'utf8')).datasets[0]?.rows : 0
  return { grade, ...run, rows, expected }
}

function line(cells) {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(8) : String(cell).padStart(12))).join('')
}

/** What one conversion lacks, whatever its neighbours needed; empty when nothing. */
function faultsOf({ grade, status, stderr, rows, expected, wholePeak }) {
  if (status !== 0) return [`${grade} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`]
  if (rows !== expected) return [`${grade} has ${rows} rows instead of ${expected}`]
  return wholePeak > LIMIT * GiB ? [`${grade} held ${mb(wholePeak)} MB, above the limit`] : []
}

if (!canMeasure()) {
  console.log('cannot be tested here: the kernel does not tell the memory of processes (no /proc)')
  process.exit(1)
}
const parent = options['tmp-dir'] ?? tmpdir()
mkdirSync(parent, { recursive: true })
const scratch = mkdtempSync(join(parent, 'iso-selftest-'))
try {
  const held = shareOf(LIMIT * GiB, 1).rows / 2
  console.log(`${cpus().length} cores, ${mb(totalmem())} MB of memory, Node ${process.version}; synthetic prices`)
  console.log(
    `limit ${LIMIT} GB (${mb(LIMIT * GiB)} MB), one worker; a unit holds ${mb(held)} MB of sorted rows, MEDIUM has ${mb(GRADES.MEDIUM * FILE_ROWS * ROW_BYTES)} MB of them\n`,
  )
  console.log(line(['', 'files', 'rows', 'worker MB', 'parent MB', 'together MB', 'seconds']))
  const found = []
  const [medium, large] = ['MEDIUM', 'LARGE'].map(grade => ({
    grade,
    files: GRADES[grade],
    rows: GRADES[grade] * FILE_ROWS,
  }))
  const verdict = await compare(medium, large, async grade => {
    const run = await convert(scratch, grade)
    const { rows, childPeak, rootPeak, wholePeak, seconds } = run
    console.log(line([grade.grade, grade.files, rows, mb(childPeak), mb(rootPeak), mb(wholePeak), seconds.toFixed(1)]))
    found.push(...faultsOf(run))
    return childPeak
  })
  console.log(`\ncompared: LARGE has ${inWords(verdict)}.\n`)
  if (!verdict.holds) found.push('the worker needs more memory for more input')
  const limit = `--memory-limit ${LIMIT}`
  console.log(
    found.length === 0
      ? `PASS: memory does not grow with the input. On this machine a conversion under ${limit} stays within it for ten times the rows as well: the budget decides what a run needs, not the archive.`
      : `FAIL: ${found.join('; ')}. On this machine a large archive may need more than its budget: run it below scripts/run_converter_safe.sh, and please report these figures.`,
  )
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  if (options.keep) console.log(`kept in ${scratch}`)
  else rmSync(scratch, { recursive: true, force: true })
}
