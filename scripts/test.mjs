// `npm test`: everything. Each step must pass; the last line counts the tests for the machine that runs .ci/run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const extra = process.argv.slice(2)
const scratch = mkdtempSync(join(tmpdir(), 'iso-convert-test-'))
const report = join(scratch, 'vitest.json')
let failedSteps = 0

function step(name, command, args, env = {}) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (status !== 0) {
    failedSteps++
    console.log(`== ${name}: FAILED (status ${status})`)
  }
  return status === 0
}

// The build itself was the first step (scripts/bootstrap.mjs).
step('types', 'npx', ['--no-install', 'tsc', '-p', 'tsconfig.json'])
step('lint and format', 'npx', ['--no-install', 'biome', 'check', '.'])
const args = [
  '--no-install',
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...extra,
]
step('tests', 'npx', args, { CI: 'true' })

let passed = 0
let failed = failedSteps
let skipped = 0
try {
  const counts = JSON.parse(readFileSync(report, 'utf8'))
  passed = counts.numPassedTests
  failed = Math.max(failed, counts.numFailedTests + (failedSteps > 0 && counts.numFailedTests === 0 ? failedSteps : 0))
  skipped = counts.numPendingTests + counts.numTodoTests
} catch (error) {
  failed = Math.max(1, failed)
  console.log(`no test report: ${error.message}`)
}
rmSync(scratch, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 ? 1 : 0)
