/** A declaration in TypeScript for a table that looks like prices: a beginning that compiles and reads the file, with what to decide. */
import { type Guess, HOUR_ACROSS } from './guess.js'

export interface DraftFor {
  /** Innermost name of the file. */
  readonly name: string
  /** The market's zone, if the market is known. */
  readonly zone: string | undefined
}

/** Text that stands below `converters/<market>/`. */
export function draft(guess: Guess, { name, zone }: DraftFor): string {
  const { time, market } = guess
  const used = { cells: new Set<string>(), rules: new Map<string, string>() }
  const cell = (word: string, ...names: readonly string[]): string => {
    used.cells.add(word)
    return `${word}(${names.map(quoted).join(', ')})`
  }
  const dated = guess.layout === 'hours' && time.form === 'above'
  const fields = [
    `id: ${quoted(idOf(name))},`,
    "title: 'TODO: what a person should read of it',",
    `dataset: ${quoted(datasetOf(guess))}, // TODO: day-ahead or real-time, which run`,
    `names: [${patternOf(name, dated)}],`,
    ...(dated ? ["span: 'day', // TODO: or `layout.day`, if a column or a line above says the day"] : []),
    ...(guess.header[0] === 'H' ? ['tagged: true,'] : []),
    ...layoutOf(guess, cell),
    ...timeOf(guess, cell, used.rules),
    ...(guess.others.length > 0 || leftOver(guess).length > 0
      ? [`known: [${[...leftOver(guess), ...guess.others].map(quoted).join(', ')}],`]
      : []),
  ]
  const needsClock = fields.some(line => /\bclock\b/.test(line))
  return [
    '/** TODO: what it is, since when, and where these facts come from. Drafted from one file: every TODO is a guess. */',
    ...(guess.separator === ','
      ? []
      : [`// TODO: it is separated by ${JSON.stringify(guess.separator)}, and only commas are read.`]),
    `import { ${[...used.cells].sort().join(', ')} } from '../../src/model/cells.js'`,
    "import type { Report } from '../../src/model/report.js'",
    ...(needsClock ? ["import { Clock } from '../../src/shape/clock.js'"] : []),
    ...[...used.rules].map(([rule, file]) => `import { ${rule} } from '../../src/shape/${file}.js'`),
    '',
    ...(needsClock
      ? [
          `const clock = new Clock(${quoted(zone ?? 'America/New_York')})${zone ? '' : " // TODO: the market's zone"}`,
          '',
        ]
      : []),
    'export const drafted: Report = {',
    ...fields.map(line => `  ${line}`),
    '}',
    '',
    market === 'ancillary'
      ? '// Then: product_standard, and the unit. See "Add a report in ten steps" in converters/README.md.'
      : '// Then: location_type by names or a column. See "Add a report in ten steps" in converters/README.md.',
    '',
  ].join('\n')
}

type CellOf = (word: string, ...names: readonly string[]) => string

function layoutOf(guess: Guess, cell: CellOf): string[] {
  const { layout, market, prices, components, kind, time, header } = guess
  const main = market === 'ancillary' ? 'price' : 'lmp'
  const series = seriesOf(guess, cell)
  const meanings = Object.entries(kind?.words ?? {})
  const known = meanings.filter(([, part]) => part === 'price' || (part !== null && market === 'energy'))
  const columns = `{ ${known.map(([word, part]) => `${key(word)}: ${quoted(part === 'price' ? main : (part as string))}`).join(', ')} }`
  if (layout === 'hours')
    return [
      'layout: {',
      "  kind: 'hours',",
      `  hour: ${HOUR_ACROSS},`,
      `  values: [${quoted(main)}],`,
      ...(kind ? [`  component: { wanted: ${cell('column', kind.column)}, columns: ${columns} },`] : []),
      ...(time.form === 'date' ? [`  day: ${cell('column', ...time.columns)},`] : []),
      ...series,
      '},',
    ]
  if (kind) {
    const ignored = meanings.filter(each => !known.includes(each)).map(([word]) => quoted(word))
    return [
      'layout: {',
      "  kind: 'components',",
      `  component: ${cell('column', kind.column)},`,
      `  columns: ${columns},`,
      ...(ignored.length > 0 ? [`  ignored: [${ignored.join(', ')}],`] : []),
      `  value: ${cell('number', prices[0] ?? '')},`,
      ...series,
      '},',
    ]
  }
  const parts = market === 'energy' ? Object.entries(components) : []
  return [
    'layout: {',
    "  kind: 'rows',",
    ...series,
    '  values: {',
    `    ${main}: ${cell('number', prices[0] ?? header[0] ?? '')},${prices.length > 1 ? ' // TODO: which of the prices?' : ''}`,
    ...parts.map(([part, name]) => `    ${part}: ${cell('number', name)},`),
    '  },',
    '},',
  ]
}

function seriesOf({ market, location, product }: Guess, cell: CellOf): string[] {
  const fixed = (value: string) => cell('fixed', value)
  const place = location === null ? fixed('SYSTEM') : cell('text', location)
  const fields =
    market === 'ancillary'
      ? [
          `region: ${place},`,
          `product: ${product === null ? `${fixed('TODO')}, // TODO` : `${cell('text', product)},`}`,
          `product_standard: ${fixed('OTHER')}, // TODO: a label of our own for each product`,
          `unit: ${fixed('$/MW')}, // TODO`,
        ]
      : [
          `location: ${place},`,
          `location_id: ${place},`,
          `location_type: ${fixed('OTHER')}, // TODO: HUB, ZONE, GEN ...`,
        ]
  const run = `market_run: ${fixed('TODO')}, // TODO: DAM, RTM ...`
  return ['  series: {', ...[run, ...fields].map(line => `    ${line}`), '  },']
}

function timeOf(guess: Guess, cell: CellOf, rules: Map<string, string>): string[] {
  const { time, layout } = guess
  const { columns, edge, interval, repeated } = time
  const rule = (name: string, file: string, options: readonly string[]): string => {
    rules.set(name, file)
    return `time: ${name}({ ${options.join(', ')} }),`
  }
  const minutes = `minutes: ${time.minutes ?? 60}`
  const named = (at: number) => cell('column', columns[at] ?? '')
  const flag = () => `flag: ${repeated === undefined ? cell('maybe', 'DSTFlag') : cell('column', repeated)}`
  const ends = edge === 'end' ? ["edge: 'end'"] : []
  const notes: string[] = []
  if (edge === 'unknown') notes.push('// TODO: nothing says whether the time is the start or the end of the interval.')
  if (time.minutes === null) notes.push('// TODO: the first records do not show how long an interval is.')
  if (time.form === 'unread')
    notes.push(`// TODO: no rule here reads a time such as ${JSON.stringify(time.example)}: all rows will be rejected.`)
  if (time.clock === 'local' && time.form === 'stamp')
    notes.push("// TODO: nothing says that it is UTC, so it is taken for the market's clock.")
  if (layout === 'hours') return [...notes, rule('hourEndingLabel', 'time', ['clock', minutes])]
  if (time.form === 'date and hour') {
    const plain = /^\d{1,2}(:00){0,2}$/.test(time.example)
    const options = ['clock', `date: ${named(0)}`, `hour: ${named(1)}`]
    if (!plain && interval === undefined) return [...notes, rule('hourEndingLabel', 'time', [...options, minutes])]
    const within = interval === undefined ? [] : [`interval: ${cell('column', interval)}`]
    return [...notes, rule('hourEndingFlag', 'time', [...options, ...within, flag(), minutes])]
  }
  const one = `column: ${named(0)}`
  if (time.clock !== 'local') return [...notes, rule('utcColumn', 'time', [one, minutes, ...ends])]
  if (repeated !== undefined && ends.length === 0)
    return [...notes, rule('localStampFlag', 'time-local', ['clock', one, flag()])]
  return [...notes, rule('localByOrder', 'time', ['clock', one, minutes, ...ends])]
}

/** Prices and parts that the draft does not take. */
function leftOver({ prices, components, market, product, location }: Guess): string[] {
  const parts = market === 'ancillary' ? Object.values(components) : []
  const products = market === 'energy' && product !== null && location !== null ? [product] : []
  return [...prices.slice(1), ...parts, ...products]
}

function datasetOf({ market, time }: Guess): string {
  const kind = market === 'ancillary' ? 'as' : 'energy'
  return time.minutes === 5 ? `rt_${kind}_5min` : time.minutes === 15 ? `rt_${kind}_15min` : `da_${kind}_hourly`
}

const idOf = (name: string): string =>
  name
    .replace(/\.\w+$/, '')
    .replace(/\d+/g, '')
    .replace(/[^A-Za-z]+/g, '_')
    .replace(/^_+|_+$/g, '') || 'new_report'

/** Digits of a name are a date or a number that differs from file to file. */
function patternOf(name: string, dated: boolean): string {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[^\x20-\x7e]/g, '.')
  const day = dated && /(?<!\d)\d{8}(?!\d)/.test(name) ? escaped.replace(/(?<!\d)\d{8}(?!\d)/, '(?<day>@{8})') : escaped
  return `/^${day.replace(/\d+(?!\})/g, '\\d+').replace('@', '\\d')}$/i`
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replace(/[\r\n]/g, ' ')}'`
const key = (word: string): string => (/^[A-Za-z_]\w*$/.test(word) ? word : quoted(word))
