/** `convert inspect FILE`: what a raw file is and its first rows in the unified schema; of a Parquet file, what is in it. */
import { closeSync, openSync, readSync } from 'node:fs'
import { parentDataLimit } from '../guard/budget.js'
import { limitData } from '../guard/limit.js'
import { MissingInputError } from '../model/errors.js'
import { sniff } from '../read/content.js'
import { type InspectedMember, inspectRaw } from '../run/inspect.js'
import { inspectParquet } from '../write/verify.js'
import { isosOf, readOptions, whole } from './options.js'
import { table } from './output.js'

export async function runInspect(
  file: string,
  flags: { iso?: string; rows?: string; json?: boolean },
): Promise<number> {
  const rows = whole('--rows', flags.rows ?? '10', 0)
  const print = (value: unknown) => console.log(JSON.stringify(value, null, 1))
  if (sniff(headOf(file)) === 'parquet') {
    const found = await inspectParquet(file)
    // Anybody else's Parquet is input, and looked at as such.
    if (found.metadata.schema_version !== undefined) {
      print(found)
      return 0
    }
  }
  const options = readOptions(['all'], {})
  limitData(process.pid, parentDataLimit(options.memoryLimit))
  const isos = flags.iso ? isosOf([flags.iso]) : isosOf(['all'])
  const members = await inspectRaw(file, isos, rows)
  if (flags.json) {
    print(members)
    return 0
  }
  for (const member of members) {
    console.log(`${member.file}: ${member.what}`)
    if (member.guess) console.log(guessText(member.guess))
    for (const view of member.views) {
      console.log(`  report ${view.report} of ${view.iso}: ${view.title}`)
      console.log(`  data set ${view.dataset}, partitions ${view.partitions.join(', ') || '-'}`)
      console.log(`  header ${view.header.join(',')}`)
      if (view.unknown.length > 0) console.log(`  columns that nobody mapped: ${view.unknown.join(', ')}`)
      if (view.rejected.length > 0) console.log(`  rejected: ${view.rejected[0]}`)
      const columns = Object.keys(view.rows[0] ?? {})
      if (columns.length > 0)
        console.log(
          table(
            columns,
            view.rows.map(row => columns.map(name => String(row[name] ?? ''))),
          ),
        )
    }
  }
  return members.some(member => member.views.length > 0) ? 0 : 65
}

/** What an unknown table seems to be: for a person who is about to declare it. */
function guessText(guess: NonNullable<InspectedMember['guess']>): string {
  const { time, location, product, prices, components, kind, others } = guess
  const quoted = (names: readonly string[]) => names.map(name => JSON.stringify(name)).join(', ') || '-'
  const length = time.minutes === null ? 'length unknown' : `every ${time.minutes} minutes`
  const clocks = { UTC: 'UTC', offset: 'prints its offset', local: 'no offset, so local time or unknown' }
  const edges = { start: 'start of the interval', end: 'end of the interval', unknown: 'start or end unknown' }
  const when = [...time.columns, time.interval, time.repeated].filter(name => name !== undefined)
  const lines: (readonly [string, string])[] = [
    [
      'layout',
      { rows: 'a row for each record', components: 'a part of a price in each record', hours: 'hours across' }[
        guess.layout
      ],
    ],
    ['time', `${quoted(when)} (${time.form}, ${clocks[time.clock]}, ${edges[time.edge]}, ${length})`],
    ['location', location === null ? '-' : quoted([location])],
    ...(product === null ? [] : [['product', quoted([product])] as const]),
    [
      'price',
      kind ? `${quoted(prices)} where ${quoted([kind.column])} is ${quoted(Object.keys(kind.words))}` : quoted(prices),
    ],
    [
      'components',
      Object.entries(components)
        .map(([part, name]) => `${part} ${JSON.stringify(name)}`)
        .join(', ') || '-',
    ],
    ['other columns', quoted(others)],
    ['first row', guess.first.join(guess.separator)],
  ]
  const head = `  looks like prices (header in line ${guess.line}${guess.separator === ',' ? '' : `, separated by ${JSON.stringify(guess.separator)}`}):`
  const below =
    '  a declaration to begin with, for a file below converters/<market>/ (ten steps in converters/README.md):'
  return [head, ...lines.map(([what, text]) => `    ${what.padEnd(14)}${text}`), below, '', guess.draft].join('\n')
}

function headOf(path: string): Uint8Array {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    throw new MissingInputError('input.missing', 'no such file, or it cannot be opened', { file: path })
  }
  const head = Buffer.alloc(4096)
  try {
    const length = readSync(file, head, 0, head.length, 0)
    return head.subarray(0, length)
  } catch {
    throw new MissingInputError('input.not_a_file', 'this is a folder; inspect takes one file', { file: path })
  } finally {
    closeSync(file)
  }
}
