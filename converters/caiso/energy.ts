/** CAISO OASIS LMPs: one record per component. Format facts: caiso.md 2, 3, 6 and 7. Headers decide, not names. */
import { column, fixed, matched, maybe, number, text } from '../../src/model/cells.js'
import type { ComponentsLayout, Report } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { stampInName } from '../../src/shape/stamp.js'
import { utcColumn } from '../../src/shape/time.js'

/** Neighbours of the start time that follow from it; `OPR_HR` is 25 in the repeated hour and is never used. */
export const start = (minutes: number) =>
  utcColumn({
    column: column('INTERVALSTARTTIME_GMT'),
    beside: [maybe('INTERVALENDTIME_GMT'), maybe('OPR_DT'), maybe('OPR_HR')],
    minutes,
  })

/** `20240101_20240201_PRC_LMP_DAM_20241126_15_30_27_v12.csv`: window, report, market, and when it was made (Pacific time). */
export const made = stampInName(
  new Clock('America/Los_Angeles'),
  /_(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)_(?<hour>\d\d)_(?<minute>\d\d)_(?<second>\d\d)_v\d+/,
)

const node = text('NODE')
/** In this order: names of hubs and default LAPs end like those of other aggregates. The words are those of gridstatus. */
const CLASSES = [
  [/^TH_(NP15|SP15|ZP26)_GEN-APND$/, 'HUB', 'Trading Hub'],
  [/^DLAP_/, 'ZONE', 'DLAP'],
  [/-APND$/, 'AGGREGATE', 'AP Node'],
] as const
export const MARKETS = ['DAM', 'HASP', 'RTPD', 'RTM', 'RUC'] as const

const components = (market: (typeof MARKETS)[number], run: string): ComponentsLayout => ({
  kind: 'components',
  only: { cell: text('MARKET_RUN_ID'), take: [market], leave: MARKETS.filter(each => each !== market) },
  series: {
    market_run: fixed(run),
    location: node,
    location_id: node,
    location_type: matched(
      node,
      CLASSES.map(([pattern, type]) => [pattern, type]),
      'NODE',
    ),
    location_class: matched(
      node,
      CLASSES.map(([pattern, , word]) => [pattern, word]),
      'Node',
    ),
  },
  component: column('LMP_TYPE'),
  columns: { LMP: 'lmp', MCE: 'energy', MCC: 'congestion', MCL: 'loss', MGHG: 'ghg' },
  /** MW in day-ahead and old files, VALUE in 5-minute, PRC in 15-minute ones: always $/MWh. */
  value: number('VALUE', 'PRC', 'MW'),
})

export const known = [
  ...['OPR_INTERVAL', 'NODE_ID_XML', 'NODE_ID', 'XML_DATA_ITEM', 'PNODE_RESMRID', 'GRP_TYPE', 'POS', 'GROUP'],
  ...['INTERVALENDTIME_GMT', 'OPR_DT', 'OPR_HR', 'OPR_TYPE'],
]
const named = (report: string) => [new RegExp(`^(?<from>\\d{8})_(?<to>\\d{8})_${report}_.*\\.(csv|xml)$`, 'i')]
const base = { stamp: made, tolerance: 0.001, known, span: 'window' } as const

export const energy: readonly Report[] = [
  {
    id: 'PRC_LMP',
    title: 'Day-ahead LMP, hourly (DAM; v1 and v12, SingleZip and GroupZip)',
    dataset: 'da_energy_hourly',
    // An error document under this name may stand for any report; it is told as a failed download.
    names: [...named('PRC_LMP_DAM'), /^INVALID_REQUEST\.xml$/i],
    layout: components('DAM', 'DAM'),
    time: start(60),
    ...base,
  },
  {
    id: 'PRC_HASP_LMP',
    title: 'Hour-ahead scheduling LMP, 15-minute (HASP)',
    dataset: 'rt_energy_hasp',
    names: named('PRC_HASP_LMP'),
    layout: components('HASP', 'HASP'),
    time: start(15),
    ...base,
  },
  {
    id: 'PRC_RTPD_LMP',
    title: 'Fifteen-minute market LMP (RTPD)',
    dataset: 'rt_energy_15min',
    names: named('PRC_RTPD_LMP'),
    layout: components('RTPD', 'FMM'),
    time: start(15),
    ...base,
  },
  {
    id: 'PRC_INTVL_LMP',
    title: 'Real-time LMP, 5-minute (RTM)',
    dataset: 'rt_energy_5min',
    names: named('PRC_INTVL_LMP'),
    layout: components('RTM', 'RTD'),
    time: start(5),
    ...base,
  },
]
