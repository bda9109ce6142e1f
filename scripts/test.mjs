// `npm test`: everything. Each step must pass; the last line counts the tests for the machine that runs .ci/run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const flags = ['--memory', '--only-memory']
const extra = process.argv.slice(2).filter(each => !flags.includes(each))
/** The proofs against the real kernel and of scale: minutes, so on request and in CI. */
const memory = flags.some(flag => process.argv.includes(flag))
const everything = !process.argv.includes('--only-memory')
const scratch = mkdtempSync(join(tmpdir(), 'iso-convert-test-'))
const report = join(scratch, 'vitest')

function step(name, command, args, env = {}) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (status !== 0) console.log(`== ${name}: FAILED (status ${status})`)
  return status === 0
}

/** Thousands of small conversions, each file made durable: on a disk they wait for it half of their time. */
function quickTemp() {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize > 2 ** 31 ? { TMPDIR: '/dev/shm' } : {}
  } catch {
    return {}
  }
}

const counts = { passed: 0, failed: 0, skipped: 0 }

function tests(name, env, ...more) {
  const file = `${report}-${name.replaceAll(' ', '-')}.json`
  const args = [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...more,
    ...extra,
  ]
  const passed = step(name, 'npx', ['--no-install', ...args], { CI: 'true', ...env })
  try {
    const found = JSON.parse(readFileSync(file, 'utf8'))
    counts.passed += found.numPassedTests
    counts.failed += found.numFailedTests
    counts.skipped += found.numPendingTests + found.numTodoTests
    // A file that cannot even be loaded fails without a failed test.
    if (!passed && found.numFailedTests === 0) counts.failed++
  } catch (error) {
    counts.failed++
    console.log(`no test report: ${error.message}`)
  }
}

// The build itself was the first step (scripts/bootstrap.mjs).
if (everything) {
  for (const [name, ...command] of [
    ['types', 'tsc', '-p', 'tsconfig.json'],
    ['lint and format', 'biome', 'check', '.'],
  ])
    if (!step(name, 'npx', ['--no-install', ...command])) counts.failed++
  tests('tests', quickTemp())
}
if (memory) tests('memory protection', {}, '--config', 'vitest.memory.config.ts')
rmSync(scratch, { recursive: true, force: true })
const { passed, failed, skipped } = counts
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 ? 1 : 0)
