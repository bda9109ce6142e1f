/**
 * Ancillary prices in gridstatus' layout: one column a product, in words of its own, turned into the ISO's codes so that exports
 * and the ISO's files are one series (gridstatus-style.md 6). Regions and products that the ISO prints differently are mapped.
 */
import { fixed, integerId, text, textIf } from '../../src/model/cells.js'
import type { DatasetId } from '../../src/model/dataset.js'
import type { Cell, Report, RowsLayout } from '../../src/model/report.js'
import { type Dialect, KNOWN, STAMPS, timeOf } from './energy.js'

interface Pivot {
  readonly dataset: DatasetId
  readonly run: string
  readonly region: Cell
  /** Balancing area, where the market has several. */
  readonly zone?: Cell
  readonly unit: string
  /** Column, the ISO's own product code, product_standard. */
  readonly products: readonly (readonly [RegExp, string, string])[]
  readonly needs?: readonly string[]
  readonly unless?: readonly string[]
  /** Words of `Market`, where one header serves several. */
  readonly market?: { readonly take: string; readonly leave: readonly string[] }
  readonly grid?: 'hourly' | 'finer'
  readonly feed?: string
}

/** One declaration per data set that a pivoted header can mean. */
export function pivots(dialect: Dialect, list: readonly Pivot[]): Report[] {
  return list.map((pivot): Report => {
    const { dataset, run, region, unit, market } = pivot
    const layout: RowsLayout = {
      kind: 'rows',
      series: { market_run: fixed(run), unit: fixed(unit) },
      values: {},
      products: {
        match: pivot.products.map(([pattern, product, product_standard]) => [pattern, { product, product_standard }]),
        series: { region, ...(pivot.zone ? { zone: pivot.zone } : {}) },
      },
      ...(market ? { only: { cell: text('Market'), take: [market.take], leave: market.leave } } : {}),
    }
    return {
      id: `gridstatus_${dataset}${pivot.grid === 'finer' ? '_finer' : ''}`,
      published: 'gridstatus_as',
      title: `Export of gridstatus, ${dataset.replaceAll('_', ' ')}`,
      dataset,
      names: [],
      evidence: dialect.evidence,
      needsOne: STAMPS,
      ...(pivot.needs ? { needs: pivot.needs } : {}),
      unless: ['LMP', 'MCPC', 'Settlement Location', ...(pivot.unless ?? [])],
      finality: { priority: -0.5, revision: 1, final: true },
      ...(pivot.grid ? { grid: pivot.grid } : {}),
      ...(pivot.feed ? { feed: pivot.feed } : {}),
      layout,
      time: timeOf(dialect, dataset, dataset === 'rt_as_5min' ? 5 : dataset === 'rt_as_15min' ? 15 : 60),
      known: [...KNOWN, 'Market', 'Region', 'Zone', 'Reserve Zone', 'BAA'],
    }
  })
}

const system = fixed('SYSTEM')

export const ercotPivots: readonly Pivot[] = [
  {
    dataset: 'da_as_hourly',
    run: 'DAM',
    region: system,
    unit: '$/MW',
    unless: ['Region'],
    products: [
      [/^Non[ -]Spinning Reserves$/i, 'NSPIN', 'NON_SPIN'],
      [/^Regulation Down$/i, 'REGDN', 'REG_DOWN'],
      [/^Regulation Up$/i, 'REGUP', 'REG_UP'],
      [/^Responsive Reserves$/i, 'RRS', 'RESPONSIVE'],
      [/^ERCOT Contingency Reserve Service$/i, 'ECRS', 'CONTINGENCY'],
    ],
  },
]

const CAISO_PRODUCTS: Pivot['products'] = [
  [/^Non[ -]Spinning Reserves$/i, 'NR', 'NON_SPIN'],
  [/^Regulation Down$/i, 'RD', 'REG_DOWN'],
  [/^Regulation Mileage Down$/i, 'RMD', 'REG_MILEAGE_DOWN'],
  [/^Regulation Mileage Up$/i, 'RMU', 'REG_MILEAGE_UP'],
  [/^Regulation Up$/i, 'RU', 'REG_UP'],
  [/^Spinning Reserves$/i, 'SR', 'SPIN'],
]
const caiso = { region: text('Region'), unit: '$/MW', products: CAISO_PRODUCTS }
export const caisoPivots: readonly Pivot[] = [
  { dataset: 'da_as_hourly', run: 'DAM', market: { take: 'DAM', leave: ['HASP'] }, ...caiso },
  { dataset: 'rt_as_hourly', run: 'HASP', market: { take: 'HASP', leave: ['DAM'] }, ...caiso },
  // Real-time exports have no such column.
  { dataset: 'rt_as_15min', run: 'RTM', unless: ['Market'], grid: 'finer', feed: 'gridstatus_as_real_time', ...caiso },
]

const nyiso = {
  region: text('Zone'),
  unit: '$/MWh',
  products: [
    [/^10 Min Spin Reserves$/i, '10 Min Spinning Reserve', 'SPIN'],
    [/^10 Min Non[ -]Spin Reserves$/i, '10 Min Non-Synchronous Reserve', 'NON_SPIN'],
    [/^30 Min Reserves$/i, '30 Min Operating Reserve', 'OPERATING_30'],
    [/^Regulation Capacity$/i, 'NYCA Regulation Capacity', 'REG_CAPACITY'],
  ],
} as const
/** The columns do not say the market: hourly stamps are day-ahead, finer ones real-time (the ISO has no other). */
export const nyisoPivots: readonly Pivot[] = [
  { dataset: 'da_as_hourly', run: 'DAM', grid: 'hourly', ...nyiso },
  { dataset: 'rt_as_5min', run: 'RTD', grid: 'finer', ...nyiso },
]

const sppArea = { region: integerId(text('Reserve Zone')), zone: textIf('BAA') }
export const sppPivots: readonly Pivot[] = [
  {
    dataset: 'da_as_hourly',
    run: 'DAM',
    ...sppArea,
    unit: '$/MW',
    needs: ['Market'],
    products: [
      [/^Reg Up$/i, 'RegUP', 'REG_UP'],
      [/^Reg Dn$/i, 'RegDN', 'REG_DOWN'],
      [/^Ramp Up$/i, 'RampUP', 'RAMP_UP'],
      [/^Ramp Dn$/i, 'RampDN', 'RAMP_DOWN'],
      [/^Spin$/i, 'Spin', 'SPIN'],
      [/^Supp$/i, 'Supp', 'SUPPLEMENTAL'],
      [/^Unc Up$/i, 'UncUP', 'UNCERTAINTY_UP'],
    ],
  },
  {
    dataset: 'rt_as_5min',
    run: 'RTBM',
    ...sppArea,
    unit: '$/MW',
    needs: ['Reg Up Service'],
    products: [
      [/^Reg Up Service$/i, 'RegUPService', 'REG_UP'],
      [/^Reg DN Service$/i, 'RegDNService', 'REG_DOWN'],
      [/^Reg Up Mile$/i, 'RegUpMile', 'REG_MILEAGE_UP'],
      [/^Reg DN Mile$/i, 'RegDNMile', 'REG_MILEAGE_DOWN'],
      [/^Ramp Up$/i, 'RampUP', 'RAMP_UP'],
      [/^Ramp DN$/i, 'RampDN', 'RAMP_DOWN'],
      [/^Spin$/i, 'Spin', 'SPIN'],
      [/^Supp$/i, 'Supp', 'SUPPLEMENTAL'],
      [/^Unc Up$/i, 'UncUP', 'UNCERTAINTY_UP'],
    ],
  },
]
