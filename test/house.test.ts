/** House rules: who may import whom, how long a file may be, where each package is known, and that README tells the truth. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { converters } from '../converters/index.js'
import { DATASETS } from '../src/model/dataset.js'
import { EXIT_CODES } from '../src/model/errors.js'
import { filesBelow, ROOT } from './helpers/run.js'

const LAYERS = ['model', 'read', 'shape', 'merge', 'write', 'guard', 'run', 'cli']
const sources = [
  ...filesBelow(join(ROOT, 'src'), /\.ts$/).map(name => `src/${name}`),
  ...filesBelow(join(ROOT, 'converters'), /\.ts$/).map(name => `converters/${name}`),
]
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const lines = (path: string) => text(path).trimEnd().split('\n').length

/** Modules that a file names: imports, re-exports, dynamic imports, and the worker that is started by URL. */
function imports(path: string): string[] {
  const forms = [
    /^(?:import|export|\}).*\bfrom '([^']+)'/gm,
    /^import '([^']+)'/gm,
    /\bimport\('([^']+)'\)/g,
    /new URL\('(\.[^']+\.js)', import\.meta\.url\)/g,
  ]
  return forms.flatMap(form => [...text(path).matchAll(form)].map(match => match[1] as string))
}

const place = (path: string, imported: string) =>
  relative(ROOT, join(ROOT, dirname(path), imported)).replace(/\.js$/, '.ts')

describe('layers', () => {
  test.each(sources.filter(path => path.startsWith('src/')))('%s imports only what stands before it', path => {
    const [, folder = '', name] = path.split('/')
    // The library's front, src/index.ts, stands above all.
    const own = name === undefined ? LAYERS.length : LAYERS.indexOf(folder)
    expect(own, `${path} is in no layer`).toBeGreaterThanOrEqual(0)
    for (const imported of imports(path).filter(each => each.startsWith('.'))) {
      const target = place(path, imported)
      if (target.endsWith('package.json')) continue
      expect(existsSync(join(ROOT, target)), `${path} imports ${target}`).toBe(true)
      const [top, layer = ''] = target.split('/')
      if (top === 'converters') expect(own, `${path} imports ${target}`).toBeGreaterThanOrEqual(LAYERS.indexOf('run'))
      else expect(LAYERS.indexOf(layer), `${path} imports ${target}`).toBeLessThanOrEqual(own)
    }
  })

  test.each(sources.filter(path => path.startsWith('converters/')))('%s knows src/model and src/shape only', path => {
    for (const imported of imports(path)) {
      expect(imported, `${path} imports a package`).toMatch(/^\./)
      expect(place(path, imported)).toMatch(/^(converters|src\/model|src\/shape)\//)
    }
  })

  test('no circle of imports', () => {
    const graph = new Map(
      sources.map(path => [
        path,
        imports(path)
          .filter(each => each.startsWith('.'))
          .map(each => place(path, each)),
      ]),
    )
    // A worker file is started, not imported: pool.ts names it by URL.
    const state = new Map<string, 'open' | 'done'>()
    const circles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return
      if (state.get(path) === 'open') {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(' > '))
        return
      }
      state.set(path, 'open')
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
      state.set(path, 'done')
    }
    for (const path of sources) visit(path, [])
    expect(circles).toEqual([])
  })

  test('a converter has no loop over records, no date arithmetic, no sight of file contents', () => {
    for (const path of sources.filter(each => each.startsWith('converters/'))) {
      const code = text(path)
      expect(code, path).not.toMatch(/\bwhile\s*\(|new Date\(|Date\.(UTC|parse|now)|readFileSync|getTime\(/)
    }
  })
})

describe('budgets', () => {
  /** Inner loops of the scanner and the encoder (DESIGN.md 3). */
  const LONGER = new Set(['src/read/scan.ts', 'src/write/encode.ts'])
  test.each(sources)('%s', path => {
    const budget = path.startsWith('converters/') ? 150 : LONGER.has(path) ? 350 : 250
    expect(lines(path), `${path} has more than ${budget} lines: a concept is hiding in it`).toBeLessThanOrEqual(budget)
  })

  test('at most two hooks, empty in the base class', () => {
    const base = /export abstract class Converter \{([\s\S]*?)\n\}/.exec(text('src/model/report.ts'))?.[1] ?? ''
    expect([...base.matchAll(/^ {2}\w+\(/gm)].length).toBeLessThanOrEqual(2)
  })
})

describe('packages', () => {
  /** Everyone else asks these files. More than one name is on purpose. */
  const KNOWN_IN: Readonly<Record<string, readonly string[]>> = {
    '@bokuweb/zstd-wasm': ['src/write/zstd.ts'],
    'apache-arrow': ['src/merge/spill.ts', 'src/run/arrow.ts'],
    'cli-progress': ['src/cli/output.ts'],
    commander: ['src/cli/main.ts', 'src/cli/guarding.ts'],
    'csv-parse': ['src/read/header.ts'],
    hyparquet: ['src/read/parquet.ts', 'src/write/verify.ts'],
    'hyparquet-compressors': ['src/read/parquet.ts'],
    luxon: ['src/shape/clock.ts'],
    'p-limit': ['src/run/inventory.ts'],
    saxes: ['src/read/xml.ts'],
    winston: ['src/cli/output.ts'],
    yauzl: ['src/read/zip.ts'],
  }
  /** How many files may know a package; one unless it says otherwise. */
  const AT_MOST: Readonly<Record<string, number>> = { 'apache-arrow': 2, commander: 2, hyparquet: 2 }
  const users = new Map<string, string[]>()
  for (const path of sources)
    for (const imported of new Set(imports(path))) {
      if (imported.startsWith('.') || imported.startsWith('node:')) continue
      const name = imported
        .split('/')
        .slice(0, imported.startsWith('@') ? 2 : 1)
        .join('/')
      users.set(name, [...new Set([...(users.get(name) ?? []), path])])
    }

  test.each([...users.keys()].sort())('%s is known in one place', name => {
    const found = users.get(name) as string[]
    expect(found.length, `${name} is imported by ${found.join(', ')}`).toBeLessThanOrEqual(AT_MOST[name] ?? 1)
    for (const path of found) expect(KNOWN_IN[name] ?? [], `${name} in ${path}`).toContain(path)
  })

  const manifest = JSON.parse(text('package.json')) as { dependencies: Record<string, string> }

  test('what is imported is a dependency', () => {
    expect([...users.keys()].filter(name => !(name in manifest.dependencies))).toEqual([])
  })

  test('what is a dependency is imported', () => {
    expect(Object.keys(manifest.dependencies).filter(name => !users.has(name))).toEqual([])
  })
})

describe('texts', () => {
  const everything = [
    ...sources,
    ...filesBelow(join(ROOT, 'test'), /\.ts$/).map(name => `test/${name}`),
    ...filesBelow(join(ROOT, 'scripts'), /\.(mjs|sh|md)$/)
      .filter(name => !name.includes('work/'))
      .map(name => `scripts/${name}`),
    ...filesBelow(join(ROOT, 'docs'), /\.md$/).map(name => `docs/${name}`),
    ...['package.json', 'README.md', 'CHANGELOG.md'].filter(name => existsSync(join(ROOT, name))),
  ]

  test('no file names a home folder or a place on the author’s machine', () => {
    const home = /(?<![\w.])\/(home|Users|root|work)\/\w/
    const found = everything.filter(path => path !== 'test/house.test.ts' && home.test(text(path)))
    expect(found).toEqual([])
  })

  test('no test is left alone or skipped without a reason', () => {
    const found = everything.filter(
      path => path !== 'test/house.test.ts' && /\b(test|describe|it)\.(only|skip)\(/.test(text(path)),
    )
    expect(found).toEqual([])
  })

  test('every source file opens with what it is for', () => {
    const silent = sources.filter(path => path.startsWith('src/') && !/^(#!.*\n)?\/\*\*/.test(text(path)))
    expect(silent).toEqual([])
  })

  test('every report says which it is, once', () => {
    for (const converter of converters.values()) {
      const ids = converter.reports.map(report => report.id)
      expect(new Set(ids).size, converter.iso).toBe(ids.length)
      for (const report of converter.reports) expect(report.title.length, report.id).toBeGreaterThan(10)
    }
  })
})

const readmePath = join(ROOT, 'README.md')
const absent = !existsSync(readmePath)
if (absent) console.log('house: the tests of README.md are skipped, there is no README.md yet')

describe.skipIf(absent)('README.md', () => {
  const readme = absent ? '' : readFileSync(readmePath, 'utf8')
  /** README and the pages that it links to. */
  const manual =
    readme +
    filesBelow(join(ROOT, 'docs'), /\.md$/)
      .map(name => text(`docs/${name}`))
      .join('\n')
  const main = sources
    .filter(path => path.startsWith('src/cli/'))
    .map(text)
    .join('\n')

  test('names every command', () => {
    for (const match of main.matchAll(/\.command\('([\w-]+)/g))
      expect(readme, match[1]).toContain(`convert ${match[1]}`)
  })

  test('names every flag, and no flag that does not exist', () => {
    const flags = new Set([...main.matchAll(/'(--[\w-]+)/g)].map(match => match[1] as string))
    for (const flag of flags) expect(readme, flag).toContain(flag)
    const scripts = filesBelow(join(ROOT, 'scripts'), /\.(sh|mjs)$/)
      .map(name => text(`scripts/${name}`))
      .join('\n')
    const documented = new Set([...readme.matchAll(/(?<![\w-])(--[a-z][\w-]+)/g)].map(match => match[1] as string))
    const foreign = new Set(['--help', '--version'])
    const unknown = [...documented].filter(flag => !flags.has(flag) && !foreign.has(flag) && !scripts.includes(flag))
    expect(unknown).toEqual([])
  })

  test('has every exit code with its meaning, and no other', () => {
    const rows = [...readme.matchAll(/^\|\s*`?(\d{1,3})`?\s*\|\s*(.+?)\s*\|/gm)].map(match => [match[1], match[2]])
    const table = new Map(rows as [string, string][])
    for (const [code, meaning] of Object.entries(EXIT_CODES)) {
      expect([...table.keys()], `exit code ${code}`).toContain(code)
      expect(table.get(code)?.replaceAll('`', '')).toContain(meaning)
    }
  })

  test('names every data set and each column', () => {
    for (const { id, columns } of DATASETS) {
      expect(readme, id).toContain(id)
      for (const { name } of columns) expect(readme, name).toContain(`\`${name}\``)
    }
  })

  test('names every report of every market', () => {
    for (const converter of converters.values())
      for (const report of converter.reports)
        expect(readme, `${converter.iso} ${report.id}`).toContain(report.published ?? report.id)
  })

  test('or a page that it links to names the variables of the environment that the code reads', () => {
    const variables = new Set(
      sources.flatMap(path => [...text(path).matchAll(/\b(?:ISO_[A-Z_]+)\b/g)].map(match => match[0])),
    )
    for (const name of variables) if (name !== 'ISO_CONVERTER_BUILD') expect(manual, name).toContain(name)
  })

  test('links only to files that are there', () => {
    for (const match of readme.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g))
      expect(existsSync(join(ROOT, match[1] as string)), match[1]).toBe(true)
  })
})
