// `npm run selftest:memory`: shows on this machine, in under two minutes, that memory does not grow with the input. Converts MEDIUM
// (500 files, 500,000 rows) and LARGE (ten times as much, 100 batches) with one worker and a budget so small that even MEDIUM's rows
// exceed what a unit holds, and compares the peaks of resident memory, measured from outside. SYNTHETIC prices. Exit status 0 or 1.
//
//   node scripts/memory/selftest.mjs [--keep] [--tmp-dir DIR]        about 0.7 GB on disk; --keep leaves it there
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { shareOf } from '../../dist/src/guard/budget.js'
import { FILE_ROWS, GRADES, graded } from './archives.mjs'
import { canMeasure, measure } from './measure.mjs'

const GiB = 2 ** 30
const LIMIT = 0.3
/** Ten times the input may need this much more: what remains is the list of files, and chance. */
const MOST = 1.15
/** A sorted run holds so many bytes of each row of this report: four prices, location, start, document. */
const ROW_BYTES = 44

const { values: options } = parseArgs({ options: { keep: { type: 'boolean' }, 'tmp-dir': { type: 'string' } } })
const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const mb = bytes => Math.round(bytes / 2 ** 20)

/** The caller's own settings must not decide the outcome. */
const environment = Object.fromEntries(
  Object.keys(process.env)
    .filter(name => /^(ISO_|NODE_OPTIONS$)/.test(name))
    .map(name => [name, undefined]),
)

async function convert(scratch, grade) {
  const folder = join(scratch, grade)
  const account = join(folder, 'report.json')
  graded(folder, GRADES[grade])
  const where = ['--input', folder, '--output', join(folder, 'data'), '--tmp-dir', scratch, '--report', account]
  const run = await measure(
    process.execPath,
    [command, 'pjm', ...where, '--workers', '1', '--memory-limit', String(LIMIT), '--quiet'],
    { env: environment, capture: true },
  )
  const rows = run.status === 0 ? JSON.parse(readFileSync(account, 'utf8')).datasets[0]?.rows : 0
  return { grade, ...run, rows, expected: GRADES[grade] * FILE_ROWS }
}

function line(cells) {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(8) : String(cell).padStart(12))).join('')
}

/** What the claim lacks; empty when it holds. */
function faults([medium, large]) {
  const found = []
  for (const { grade, status, stderr, rows, expected } of [medium, large]) {
    if (status !== 0) found.push(`${grade} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`)
    else if (rows !== expected) found.push(`${grade} has ${rows} rows instead of ${expected}`)
  }
  if (found.length > 0) return found
  const ratio = large.childPeak / medium.childPeak
  if (ratio > MOST) found.push(`the worker needed ${ratio.toFixed(2)} times as much for ten times the input`)
  for (const { grade, wholePeak } of [medium, large])
    if (wholePeak > LIMIT * GiB) found.push(`${grade} held ${mb(wholePeak)} MB, above the limit`)
  return found
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
  const runs = []
  for (const grade of ['MEDIUM', 'LARGE']) {
    const run = await convert(scratch, grade)
    runs.push(run)
    const { rows, childPeak, rootPeak, wholePeak, seconds } = run
    console.log(line([grade, GRADES[grade], rows, mb(childPeak), mb(rootPeak), mb(wholePeak), seconds.toFixed(1)]))
    if (!options.keep) rmSync(join(scratch, grade), { recursive: true, force: true })
  }
  const [medium, large] = runs
  const ratio = (large.childPeak / medium.childPeak).toFixed(2)
  console.log(`\nten times the input, ${ratio} times the peak of the worker (at most ${MOST})`)
  const found = faults(runs)
  console.log(found.length === 0 ? 'PASS: memory does not grow with the input' : `FAIL: ${found.join('; ')}`)
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  if (options.keep) console.log(`kept in ${scratch}`)
  else rmSync(scratch, { recursive: true, force: true })
}
