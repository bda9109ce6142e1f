/** NYISO ancillary-service prices in four eras of layout, recognised column by column. Format facts: nyiso.md 3. */
import { column, fixed, maybe, text } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { localByOrder } from '../../src/shape/time.js'
import { clock, dayFile } from './energy.js'

/** Eras A to C name a region in the header (`East`, `West`, `SENY`) or none (the state); era D has a row per zone. */
const PRODUCTS: readonly (readonly [RegExp, string, string, string])[] = [
  [/10 min(?:ute)? spinning/, '10 Min Spinning Reserve', 'SPIN', '$/MWh'],
  [/10 min(?:ute)? non-sync/, '10 Min Non-Synchronous Reserve', 'NON_SPIN', '$/MWh'],
  [/30 min(?:ute)? operating/, '30 Min Operating Reserve', 'OPERATING_30', '$/MWh'],
  [/(?:NYCA )?regulation movement/, 'NYCA Regulation Movement', 'REG_MOVEMENT', '$/MW'],
  [/(?:NYCA )?regulation/, 'NYCA Regulation Capacity', 'REG_CAPACITY', '$/MWh'],
]
const REGIONS = { East: 'EAST', West: 'WEST', SENY: 'SENY' }

const match = PRODUCTS.flatMap(([pattern, product, product_standard, unit]) => [
  ...Object.entries(REGIONS).map(
    ([prefix, region]) =>
      [new RegExp(`^${prefix} ${pattern.source}`, 'i'), { region, product, product_standard, unit }] as const,
  ),
  [new RegExp(`^${pattern.source}`, 'i'), { product, product_standard, unit }] as const,
])

const layout = (run: string, era: 'zones' | 'regions'): RowsLayout => ({
  kind: 'rows',
  series: { market_run: fixed(run) },
  values: {},
  products: { match, series: { region: era === 'zones' ? text('Name') : fixed('NYCA') } },
})

const report = (
  stem: 'damasp' | 'rtasp',
  title: string,
  era: 'zones' | 'regions',
  rest: Pick<Report, 'dataset' | 'time'> & { run: string },
): Report => ({
  id: era === 'zones' ? stem : `${stem}_regions`,
  published: stem,
  title,
  dataset: rest.dataset,
  names: [dayFile(stem)],
  byHeader: false,
  // June 2016 changes from regions to zones inside one month: the header of each member decides.
  ...(era === 'zones' ? {} : { unless: ['PTID'] }),
  span: 'day',
  whole: true,
  layout: layout(rest.run, era),
  time: rest.time,
  // Of two eras with two headers, each with its own advisory runs.
  ...(rest.run === 'RTD' ? { advisory: 'leave' as const } : {}),
  feed: `${stem}_${era}`,
  known: ['Name', 'PTID', 'Time Zone'],
})

/** Whether these files end in advisory runs nobody has seen; if they do, the rule is that of the energy files (N1). */
const advisory = (era: 'zones' | 'regions'): Report => {
  const {
    span: _,
    whole: __,
    ...base
  } = report(
    'rtasp',
    `Advisory runs (RTC) at the end of a running day, ancillary prices by ${era === 'zones' ? 'zone' : 'region'}`,
    era,
    ADVISORY,
  )
  return {
    ...base,
    id: `${base.id}_rtc`,
    names: [],
    advisory: 'take',
    finality: { priority: 0, revision: 1, final: false },
  }
}

const stamp = { clock, column: column('Time Stamp'), zoneColumn: maybe('Time Zone') }
const DAY_AHEAD = { dataset: 'da_as_hourly', time: localByOrder({ ...stamp, minutes: 60 }), run: 'DAM' } as const
const RTD = {
  dataset: 'rt_as_5min',
  time: localByOrder({ ...stamp, minutes: 5, sincePrevious: true }),
  run: 'RTD',
} as const

const ADVISORY = {
  dataset: 'rt_as_15min',
  time: localByOrder({ ...stamp, minutes: 15, edge: 'end' }),
  run: 'RTC',
} as const

export const ancillary: readonly Report[] = [
  report('damasp', 'Day-ahead ancillary prices by zone (P-5, since 2016-06-23)', 'zones', DAY_AHEAD),
  report('damasp', 'Day-ahead ancillary prices by region or state (before 2016-06-23)', 'regions', DAY_AHEAD),
  report('rtasp', 'Real-time ancillary prices by zone (P-6B, since 2016-06-23)', 'zones', RTD),
  report('rtasp', 'Real-time ancillary prices by region (before 2016-06-23)', 'regions', RTD),
  advisory('zones'),
  advisory('regions'),
]
