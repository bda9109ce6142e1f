// `npm start`: without arguments the bundled sample archive, else the command line as it is.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const main = join(root, 'dist/src/cli/main.js')
const args = process.argv.slice(2)

if (args.length > 0) {
  const { status, signal } = spawnSync(process.execPath, [main, ...args], { stdio: 'inherit' })
  process.exit(status ?? (signal ? 1 : 0))
}

const output = join(root, 'data/demo')
mkdirSync(output, { recursive: true })
console.log(
  'Converting the bundled sample archive (fixtures/archive: made by us, a few locations) into data/demo ...\n',
)
const run = [main, 'all', '--input', join(root, 'fixtures/archive'), '--output', output, '--force']
const { status } = spawnSync(process.execPath, run, { stdio: ['ignore', 'inherit', 'ignore'] })
if (status === 0)
  console.log(`
Next, in DuckDB (the repeated hour of the fall-back day is there twice, told apart by its offset):

  SELECT iso, location, interval_start_utc, utc_offset_minutes, lmp
  FROM read_parquet('data/demo/parquet/*/da_energy_hourly/**/*.parquet', hive_partitioning = true, union_by_name = true)
  ORDER BY iso, location, interval_start_utc LIMIT 20;

Your own files:  npm start -- miso --year 2024 --da-only --input DIR --output DIR`)
process.exit(status ?? 1)
