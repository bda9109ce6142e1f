// Writes the generated parts of README.md (reports, exit codes) from the built declarations. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { converters } = await import(join(root, 'dist/converters/index.js'))
const { EXIT_CODES } = await import(join(root, 'dist/src/model/errors.js'))

const parts = {
  reports: [
    '| market | report | data set | what it is |',
    '|---|---|---|---|',
    ...[...converters.values()].flatMap(({ iso, reports }) =>
      reports.map(({ id, dataset, title }) => `| ${iso} | \`${id}\` | \`${dataset}\` | ${title} |`),
    ),
  ],
  'exit-codes': [
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(EXIT_CODES).map(([code, text]) => `| ${code} | ${text} |`),
  ],
}

const path = join(root, 'README.md')
const before = readFileSync(path, 'utf8')
let after = before
for (const [name, lines] of Object.entries(parts))
  after = after.replace(
    new RegExp(`<!-- ${name} -->[^]*?<!-- /${name} -->`),
    `<!-- ${name} -->\n${lines.join('\n')}\n<!-- /${name} -->`,
  )
if (process.argv.includes('--check')) {
  if (after !== before) console.error('README.md is behind the declarations: run npm run docs')
  process.exitCode = after === before ? 0 : 1
} else writeFileSync(path, after)
