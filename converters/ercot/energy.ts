/**
 * ERCOT energy prices: one number per row, no components, no UTC column (ercot.md). MIS files, the public API's answers and sheets
 * saved from the annual workbooks differ in spelling only; names carry the posting time, which is not the delivery day.
 */
import { column, fixed, matched, maybe, number, rounded, text } from '../../src/model/cells.js'
import type { Cell, Report, RowsLayout } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { stampInName } from '../../src/shape/stamp.js'
import { hourEndingFlag } from '../../src/shape/time.js'
import { localStampFlag } from '../../src/shape/time-local.js'

const clock = new Clock('America/Chicago')
/** Y marks the second passage of the repeated hour; it is not "daylight time in force" (ercot.md 6.1). */
const flag = maybe('DSTFlag', 'RepeatedHourFlag', 'RepeatHourFlag')
const date = column('DeliveryDate')
export const hourly = hourEndingFlag({ clock, date, hour: column('HourEnding'), flag, minutes: 60 })
export const quarterly = hourEndingFlag({
  clock,
  date,
  hour: column('DeliveryHour'),
  interval: column('DeliveryInterval', 'DeliveryInt'),
  flag,
  minutes: 15,
})
/** The run time, seconds off the grid; the price holds until the next run. */
export const sced = localStampFlag({ clock, column: column('SCEDTimestamp'), flag, untilNext: true })

/** `cdr.00012331.0000000000000000.20230125.123347.DAMSPNP4190.csv`: the latest posting wins, retries and re-posts included. */
export const posted = stampInName(
  clock,
  /^\w{3}\.\d+\.\d+\.(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)\.(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)(?<ms>\d{0,3})\./i,
)

const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(HU|SH|AH)$/, 'HUB'],
  [/^LZ(EW)?$/, 'ZONE'],
  [/^LZ_DC(EW)?$/, 'DC_TIE'],
  [/^(RN|PCCRN|LCCRN|PUN)$/, 'NODE'],
]
const point = text('SettlementPoint', 'SettlementPointName')
/** Day-ahead and SCED files have no type column: the name tells (SCHEMA.md 3, settled points). */
const byName = matched(
  point,
  [
    [/^HB_/, 'HU'],
    [/^LZ_/, 'LZ'],
    [/^DC_/, 'LZ_DC'],
  ],
  'RN',
)
const places = (
  run: string,
  name: Cell,
  word: Cell,
  type = matched(word, [...TYPES, [/./, 'OTHER']]),
): RowsLayout['series'] => ({
  market_run: fixed(run),
  location: name,
  location_id: name,
  location_type: type,
  location_class: word,
})
const layout = (series: RowsLayout['series'], price: string): RowsLayout => ({
  kind: 'rows',
  series,
  values: { lmp: rounded(number(price), 2) }, // old workbooks print binary doubles: 18.239999999999998
})
/** Every zone and tie is there twice under one name, LZ and LZEW: the type belongs to the key. */
const typed = places('RTM_SPP', point, text('SettlementPointType'))
const bus = (run: string, name: string) => places(run, text(name), fixed('BUS'), fixed('BUS'))

const annual = (own: RegExp, published: string) => [{ mark: own }, { mark: /Repeated ?Hour ?Flag|LZHBSPP/i, published }]
const CORRECTED = { priority: 1, revision: 2, final: true }

export const energy: readonly Report[] = [
  {
    id: 'NP4-190-CD',
    title: 'Day-ahead settlement point prices, hourly',
    dataset: 'da_energy_hourly',
    names: [/DAMSPNP4190[^/]*\.csv$/i, /DAMLZHBSPP_[^/]*\.csv$/i, /^dam_prices_\d{4}[^/]*\.csv$/i],
    versions: annual(/NP4190/i, 'NP4-180-ER'),
    layout: layout(places('DAM', point, byName), 'SettlementPointPrice'),
    time: hourly,
    stamp: posted,
  },
  {
    id: 'NP4-183-CD',
    title: 'Day-ahead LMP by electrical bus, hourly',
    dataset: 'da_energy_hourly',
    names: [/DAMHRLMPNP4183[^/]*\.csv$/i],
    layout: layout(bus('DAM', 'BusName'), 'LMP'),
    time: hourly,
    stamp: posted,
  },
  {
    id: 'NP6-905-CD',
    title: 'Real-time settlement point prices, 15-minute; names carry the end of the interval',
    dataset: 'rt_energy_15min',
    names: [/SPPHLZNP6905\D*(?<end>\d{8}_\d{4})[^/]*\.csv$/i, /SPPHLZNP6905[^/]*\.csv$/i, /RTMLZHBSPP_[^/]*\.csv$/i],
    span: 'end',
    versions: annual(/NP6905/i, 'NP6-785-ER'),
    layout: layout(typed, 'SettlementPointPrice'),
    time: quarterly,
    stamp: posted,
  },
  {
    id: 'NP6-788-CD',
    title: 'Real-time LMP by resource node, zone and hub, SCED run about every 5 minutes (no settlement price)',
    dataset: 'rt_energy_5min',
    names: [/LMPSROSNODENP6788\D*(?<day>\d{8})_\d{6}[^/]*\.csv$/i, /LMPSROSNODENP6788[^/]*\.csv$/i],
    span: 'day',
    layout: layout(places('SCED', point, byName), 'LMP'),
    time: sced,
    stamp: posted,
  },
  {
    id: 'NP6-787-CD',
    title: 'Real-time LMP by electrical bus, SCED run about every 5 minutes (no settlement price)',
    dataset: 'rt_energy_5min',
    names: [/NP6787\D*(?<day>\d{8})_\d{6}[^/]*\.csv$/i, /NP6787[^/]*\.csv$/i],
    span: 'day',
    layout: layout(bus('SCED', 'ElectricalBus'), 'LMP'),
    time: sced,
    stamp: posted,
  },
  {
    id: 'NP4-196-M',
    byHeader: false,
    title: 'Corrections of day-ahead settlement point prices (columns from readers): beat what they correct',
    dataset: 'da_energy_hourly',
    names: [/DAM_SPP[^/]*\.csv$/i],
    finality: CORRECTED,
    layout: layout(places('DAM', point, byName), 'SPPCorrected'),
    time: hourly,
    stamp: posted,
    known: ['SPPOriginal', 'PriceCorrectionTime', 'SettlementPointType'],
  },
  {
    id: 'NP4-197-M',
    byHeader: false,
    title: 'Corrections of real-time settlement point prices (columns from readers): beat what they correct',
    dataset: 'rt_energy_15min',
    names: [/RTM_SPP[^/]*\.csv$/i],
    finality: CORRECTED,
    layout: layout(typed, 'SPPCorrected'),
    time: quarterly,
    stamp: posted,
    known: ['SPPOriginal', 'PriceCorrectionTime'],
  },
]
