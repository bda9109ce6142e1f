/** MISO ancillary-service prices (MCP). Format facts: miso.md 3; the real-time files are known from public readers only. */
import { fixed, mapped, maybe, onlyIf, text } from '../../src/model/cells.js'
import type { Cell, HoursLayout, Report } from '../../src/model/report.js'
import { day, FINAL, HOUR_ENDING, PRELIM } from './energy.js'

const STANDARD = { REG: 'REG', SPIN: 'SPIN', SUPP: 'SUPPLEMENTAL' }
/** GENREGMCP, DEMSPINMCP ...: resource side and product in one word. */
const MCP: Record<string, { product: string; side: string; standard: string }> = {
  REGMILEAGEMCP: { product: 'REGMILEAGEMCP', side: '', standard: 'REG_MOVEMENT' },
}
for (const side of ['GEN', 'DEM', 'SER'])
  for (const [short, standard] of Object.entries(STANDARD)) {
    const product = `${side}${short}MCP`
    MCP[product] = { product, side, standard }
  }
const ofType = (field: 'product' | 'side' | 'standard'): Cell =>
  onlyIf(text('MCP Type'), Object.fromEntries(Object.entries(MCP).map(([type, known]) => [type, known[field]])))

/** Mileage is paid per MW of movement, everything else per MW and hour. */
const perHour = Object.fromEntries(Object.keys(MCP).map(type => [type, '$/MWh']))

/** The zone stands in the second column, which the first table leaves unnamed. */
const zone: Cell = { wanted: [{ ...maybe('Zone'), at: 1 }], make: ([value = '']) => value.trim() || null }

/** Two tables with two headers: MISO-wide rows, then resources, which all show their zone's price (miso.md 3.1). */
const reserves = (run: string): HoursLayout => ({
  kind: 'hours',
  hour: HOUR_ENDING,
  values: ['price'],
  series: {
    market_run: fixed(run),
    // `MISO Wide` stands in the column before: there it would be another column that is read.
    region: mapped(zone, { '-': 'SYSTEM', 'MISO Wide': null }),
    product: ofType('product'),
    product_standard: ofType('standard'),
    resource_side: mapped(ofType('side'), { '': null }),
    unit: onlyIf(text('MCP Type'), { ...perHour, REGMILEAGEMCP: '$/MW' }),
  },
})

export const ancillary: readonly Report[] = [
  {
    id: 'asm_expost_damcp',
    title: 'Day-ahead ancillary prices, ex-post',
    dataset: 'da_as_hourly',
    names: [/^(?<day>\d{8})_asm_expost_damcp\.csv$/i],
    byHeader: false,
    unnamed: 2,
    layout: reserves('EXPOST'),
    ...day,
  },
  {
    id: 'asm_exante_damcp',
    title: 'Day-ahead ancillary prices, ex-ante',
    dataset: 'da_as_hourly',
    names: [/^(?<day>\d{8})_asm_exante_damcp\.csv$/i],
    byHeader: false,
    unnamed: 2,
    layout: reserves('EXANTE'),
    ...day,
  },
  {
    id: 'asm_rtmcp_final',
    title: 'Real-time ancillary prices, hourly, final',
    dataset: 'rt_as_hourly',
    names: [/^(?<day>\d{8})_asm_rtmcp_final\.csv$/i],
    byHeader: false,
    unnamed: 2,
    finality: FINAL,
    layout: reserves('RT_HOURLY'),
    ...day,
  },
  {
    id: 'asm_rtmcp_prelim',
    title: 'Real-time ancillary prices, hourly, preliminary',
    dataset: 'rt_as_hourly',
    names: [/^(?<day>\d{8})_asm_rtmcp_prelim\.csv$/i],
    byHeader: false,
    unnamed: 2,
    finality: PRELIM,
    layout: reserves('RT_HOURLY'),
    ...day,
  },
]
