/** The declaration that `inspect` drafts for an unknown table: it passes the compiler, and reads the very file. */
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import * as cells from '../../src/model/cells.js'
import { Converter, type Report } from '../../src/model/report.js'
import { listMembers } from '../../src/read/members.js'
import { readMember } from '../../src/run/inspect.js'
import { sampleOf } from '../../src/run/sample.js'
import * as clock from '../../src/shape/clock.js'
import { draft } from '../../src/shape/draft.js'
import { guess } from '../../src/shape/guess.js'
import { firstLines } from '../../src/shape/lines.js'
import { recognise } from '../../src/shape/recognise.js'
import * as time from '../../src/shape/time.js'
import * as timeLocal from '../../src/shape/time-local.js'
import { rowAt } from '../../src/shape/unified.js'
import { put, ROOT, scratchFolder } from '../helpers/run.js'

const scratch = scratchFolder('draft')
const hours = (name: (hour: number) => string) => Array.from({ length: 24 }, (_, at) => name(at + 1)).join(',')

/** name, lines, zone, rows to come, the first of them. */
const FILES: readonly [string, readonly string[], string | undefined, number, object][] = [
  [
    'nyiso_20240101_zone.csv',
    [
      'Time Stamp,Name,PTID,Clearing Price ($/MWHr),Marginal Cost Losses ($/MWHr),Marginal Cost Congestion ($/MWHr)',
      '01/01/2024 00:00,CAPITL,61757,30.00,1.00,0.50',
      '01/01/2024 01:00,"O\'Brien, ""B""",61757,31.00,1.00,0.50',
    ],
    'America/New_York',
    2,
    { location: 'CAPITL', lmp: 30, loss: 1, congestion: 0.5 },
  ],
  [
    'spp.csv',
    [
      'GMTIntervalEnd,Settlement Location,Market Price,MLC,MCC,MEC',
      '01/01/2024 07:00:00,AEC,21.12,-0.16,-1.69,22.99',
      '01/01/2024 07:05:00,AEC,21.12,-0.16,-1.69,22.99',
    ],
    'America/Chicago',
    2,
    { location: 'AEC', lmp: 21.12, energy: 22.99, interval_start_utc: '2024-01-01T06:55:00Z' },
  ],
  [
    'pjm 2024 (1).csv',
    [
      "Begin UTC,Pnode Name,LMP 'total' \\ all,row's note",
      '2024-01-01T05:00:00Z,A,30.5,x',
      '2024-01-01T05:00:00Z,B,31.5,',
    ],
    undefined,
    2,
    { location: 'A', lmp: 30.5 },
  ],
  [
    'offsets.csv',
    ['Interval Start,Location,LMP,Energy', '2024-01-01 00:00:00-06:00,HB_NORTH,20.5,20.5'],
    'America/Chicago',
    1,
    { location: 'HB_NORTH', lmp: 20.5, interval_start_utc: '2024-01-01T06:00:00Z' },
  ],
  [
    'ercot.csv',
    [
      'DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,Settled Price,RepeatedHour',
      '01/01/2024,1,2,AEEC,RN,34.41,N',
    ],
    'America/Chicago',
    1,
    { location: 'AEEC', lmp: 34.41, interval_start_utc: '2024-01-01T06:15:00Z' },
  ],
  [
    'ercot_sced.csv',
    ['SCEDStamp,RepeatedHourFlag,Bus Name,LMP', '01/01/2024 00:00:14,N,X,22.41', '01/01/2024 00:05:14,N,X,22.41'],
    'America/Chicago',
    2,
    { location: 'X', lmp: 22.41 },
  ],
  [
    'ercot_as.csv',
    ['Delivery Day,Hour Ending,AS Type,MCPC', '01/01/2024,01:00,ECRS,32.83'],
    'America/Chicago',
    1,
    { region: 'SYSTEM', product: 'ECRS', price: 32.83 },
  ],
  [
    'isone.csv',
    [
      '"C","a report"',
      '"H","Date","Hour Ending","Location Name","Locational Price","Energy Component"',
      '"H","Date","HE","String","Number","Number"',
      '"D","01/01/2024","01","UN.X",24.14,21.62',
      '"T",1',
    ],
    'America/New_York',
    1,
    { location: 'UN.X', lmp: 24.14, energy: 21.62 },
  ],
  [
    'caiso.csv',
    [
      'START_GMT,NODE,LMP_TYPE,AMOUNT',
      '2024-01-01T08:00:00-00:00,N1,LMP,30.5',
      '2024-01-01T08:00:00-00:00,N1,MCC,1.5',
      '2024-01-01T08:00:00-00:00,N1,OTHER,1.5',
    ],
    'America/Los_Angeles',
    1,
    { location: 'N1', lmp: 30.5, congestion: 1.5 },
  ],
  [
    '20240101_new_lmp.csv',
    ['Prices of a day', `Node,Kind,Value,${hours(at => `HE ${at}`)}`, `X,Hub,LMP,${hours(at => `${at}.5`)}`],
    'UTC-5',
    24,
    { location: 'X', lmp: 1.5, interval_start_utc: '2024-01-01T05:00:00Z' },
  ],
  [
    'quarter.csv',
    [`MARKET_DAY,NODE,VALUE,${hours(at => `HE${at}`)}`, `01/01/2024,X,LMP,${hours(at => `${at}.5`)}`],
    'UTC-5',
    24,
    { location: 'X', lmp: 1.5 },
  ],
]

function drafted(lines: readonly string[], name: string, zone: string | undefined): string {
  const found = guess(firstLines(Buffer.from(`${lines.join('\n')}\n`)))
  expect(found, name).not.toBeNull()
  return draft(found as NonNullable<typeof found>, { name, zone })
}

/** Errors of the compiler for texts as if they stood below converters/pjm. */
function compilerErrors(texts: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const files = new Map(texts.map((text, at) => [join(ROOT, `converters/pjm/drafted-${at}.ts`), text]))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (path, ...rest) => {
    const text = files.get(path)
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
  }
  host.fileExists = path => files.has(path) || fileExists(path)
  host.readFile = path => files.get(path) ?? readFile(path)
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: true }, host)
  return [...files.keys()].flatMap(path => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      each => `${path}: ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}\n${files.get(path)}`,
    )
  })
}

const MODULES: Readonly<Record<string, unknown>> = {
  '../../src/model/cells.js': cells,
  '../../src/shape/clock.js': clock,
  '../../src/shape/time.js': time,
  '../../src/shape/time-local.js': timeLocal,
}

/** What the declaration exports, as a converter's file would. */
function declared(text: string): Report {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  const { outputText } = ts.transpileModule(text, { compilerOptions })
  const exports: { drafted?: Report } = {}
  new Function('require', 'exports', outputText)((name: string) => MODULES[name], exports)
  return exports.drafted as Report
}

class Drafted extends Converter {
  readonly iso = 'NEW'
  readonly fullName = 'A market'
  constructor(
    readonly reports: readonly Report[],
    readonly zone: string,
  ) {
    super()
  }
}

test('every draft passes the compiler', () => {
  expect(compilerErrors(FILES.map(([name, lines, zone]) => drafted(lines, name, zone)))).toEqual([])
})

describe('a draft reads the file that it was made from', () => {
  test.each(FILES.map((file, at) => [file[0], at] as const))('%s', async (_, at) => {
    const [name, lines, zone, count, first] = FILES[at] as (typeof FILES)[number]
    const report = declared(drafted(lines, name, zone))
    expect(report.names.some(pattern => pattern.test(name))).toBe(true)
    expect(report.names.some(pattern => pattern.test(name.replace(/2024/, '2025')))).toBe(true)
    put(scratch, { [name]: `${lines.join('\n')}\n` })
    const { members } = await listMembers(join(scratch, name))
    const [member] = members
    const converter = new Drafted([report], zone ?? 'America/New_York')
    const verdict = await recognise(converter, {
      name,
      path: name,
      memberTime: 0,
      workbook: false,
      empty: false,
      sure: true,
      sample: () => sampleOf(member!),
    })
    expect(verdict.kind).toBe('sources')
    const leaves = verdict.kind === 'sources' ? verdict.sources.flatMap(source => source.leaves) : []
    const rejected: string[] = []
    const rows: Record<string, unknown>[] = []
    for await (const batch of readMember(converter, report, member!, name, text => rejected.push(text), leaves))
      for (let row = batch.from; row < batch.to; row++) rows.push(rowAt('NEW', batch.context, row))
    expect(rejected).toEqual([])
    expect(rows).toHaveLength(count)
    expect(rows[0]).toMatchObject(first)
  })
})

test('what the table does not say stands there as a question', () => {
  const text = drafted(['Time,Node,LMP,Other LMP', '2024-01-01 00:00,A,30.5,1'], 'a.csv', undefined)
  for (const question of [
    "new Clock('America/New_York') // TODO: the market's zone",
    'whether the time is the start or the end',
    'how long an interval is',
    'nothing says that it is UTC',
    'which of the prices?',
  ])
    expect(text).toContain(question)
  const unread = drafted(['Market Date;Node;LMP', '10-Mar-2024 01:00;A;30.5'], 'a.csv', undefined)
  expect(unread).toContain('no rule here reads a time such as "10-Mar-2024 01:00"')
  expect(unread).toContain('separated by ";", and only commas are read')
})
