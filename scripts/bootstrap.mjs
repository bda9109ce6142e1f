// The set-up behind README's two commands: installs from the lock file and builds what is missing, then runs the job.
// Plain JavaScript on purpose: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [mode, ...rest] = process.argv.slice(2)
const quiet = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  return status ?? (signal ? 1 : 0)
}

function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) time = Math.max(time, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs)
  return time
}

/** Development packages are needed to build; a copy installed from the registry already carries dist. */
function prepare() {
  const main = join(root, 'dist/src/cli/main.js')
  const source = existsSync(join(root, 'tsconfig.build.json'))
  if (!source) return
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    console.error('installing packages ...')
    const status = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], quiet)
    if (status !== 0) process.exit(status)
  }
  const built = existsSync(main) ? statSync(main).mtimeMs : 0
  if (mode === 'test' || built < Math.max(newest(join(root, 'src')), newest(join(root, 'converters')))) {
    console.error('building ...')
    const status = run('npm', ['run', '--silent', 'build'])
    if (status !== 0) process.exit(status)
  }
}

prepare()
const scripts = { start: 'scripts/start.mjs', test: 'scripts/test.mjs', selftest: 'scripts/memory/selftest.mjs' }
if (mode in scripts) process.exit(run(process.execPath, [join(root, scripts[mode]), ...rest]))
else {
  console.error(`unknown mode ${mode}`)
  process.exit(2)
}
