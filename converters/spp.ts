import { Converter } from '../src/model/report.js'
import { former } from './former/markets.js'
import { pivots, sppPivots } from './gridstatus/ancillary.js'
import { spp } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'
import { ancillary } from './spp/ancillary.js'
import { energy } from './spp/energy.js'

const UNNAMED =
  'day-ahead and real-time prices have one header, and nothing inside a file of one hour tells them apart: give it its published name, for example DA-LMP-SL-202401010100.csv or RTBM-LMP-SL-202401010005.csv'
const ELSEWHERE =
  "a settlement point price file of ERCOT (which calls its prices SPP): it belongs into that market's folder"

export class Spp extends Converter {
  readonly iso = 'SPP'
  readonly fullName = 'Southwest Power Pool'
  readonly zone = 'America/Chicago'
  readonly reports = [...energy, ...ancillary, ...exported(spp), ...former.spp, ...pivots(spp, sppPivots)]
  override readonly outOfScope = [
    foreign(spp),
    { names: [/^WEIS-/i], reason: 'WEIS, another market than the Integrated Marketplace (it ended on 2026-04-01)' },
    {
      names: [/-MONTHLY-(SL|B|BUS)-?\d{6}/i],
      header: ['Price Type', 'HE01'],
      reason: 'a monthly rollup: hourly, on a clock that nobody has settled, and without energy; use the daily files',
    },
    { names: [/ANNUAL-ROLLUP/i], reason: 'an annual rollup in a layout that nobody has verified; use the daily files' },
    {
      names: [/^(RTBM-|DA-)?OR-\d/i, /^operating-reserves/i],
      header: ['Reserve Zone', 'RegUP_Clr'],
      reason: 'cleared operating reserves in MW, not prices',
    },
    {
      names: [/^(RTBM|DA)-(DAILY-|MONTHLY-|YEARLY-)?BC-/i],
      header: ['Constraint Name', 'Shadow Price'],
      reason: 'binding constraints, not prices',
    },
    {
      names: [/^(DAILY_)?HOURLY_LOAD-/i],
      header: ['MarketHour'],
      reason: 'load, not prices',
    },
    { header: ['Market Hour', 'Balancing Area Name'], reason: 'load, not prices' },
    { names: [/^OP-[SM]TLF-/i], header: ['MTLF'], reason: 'load forecast, not prices' },
    { header: ['Wind Forecast MW'], reason: 'wind and solar forecast, not prices' },
    { names: [/^GenMix/i], header: ['GMT MKT Interval'], reason: 'fuel mix, not prices' },
    { header: ['GMTIntervalEnd', 'LMP', 'MLC', 'MCC', 'MEC'], last: true, reason: UNNAMED },
    { header: ['GMT Interval', 'LMP', 'MLC', 'MCC', 'MEC'], last: true, reason: UNNAMED },
    { names: [/^(cdr|rpt)\.\d{8}\./i], header: ['DeliveryDate', 'SettlementPointPrice'], reason: ELSEWHERE },
  ]
}
