/** From a declaration and a header to slots, look-ups and series: all that is the same for each record of a file. */

import type { Cell, Lane, Layout, NumberCell, Report } from '../model/report.js'
import { type Header, hourColumns, productsOf, wantedOf } from '../read/header.js'
import type { ReadContext } from './context.js'
import { type FieldsKey, TimeLookup, VersionLookup } from './lookup.js'
import { type CompiledLane, SeriesLookup } from './series.js'
import { Slots } from './slots.js'
import { stampMs } from './stamp.js'

export { LEFT, NO_ROW, REJECTED } from './series.js'

export function compileLanes(report: Report, context: ReadContext, slots: Slots): CompiledLane[] {
  const { layout } = report
  if (layout.kind !== 'rows') return [{ cells: layout.series, values: context.valueColumns.map(() => null) }]
  const compile = (
    series: Readonly<Record<string, Cell>>,
    values: Readonly<Record<string, NumberCell>>,
  ): CompiledLane => ({
    cells: { ...layout.series, ...series },
    values: context.valueColumns.map(name => {
      const cell = values[name]
      if (!cell) return null
      const found = cell.wanted.map(slots.of).filter(slot => slot >= 0)
      const beside = cell.beside ? slots.of(cell.beside) : -1
      if (found.length === 0 || (cell.beside && beside < 0)) return null
      return { slots: found, negated: cell.negated ?? false, decimals: cell.decimals ?? -1, beside }
    }),
  })
  const lanes: Lane[] = [...(layout.lanes ?? [])]
  const compiled = lanes.map(lane => compile(lane.series, lane.values))
  for (const product of productsOf(layout, slots.header)) {
    const attributes = Object.fromEntries(
      Object.entries(product.attributes).map(([name, value]) => [name, { wanted: [], make: () => value || null }]),
    )
    const lane = compile({ ...layout.products?.series, ...attributes }, {})
    const price = context.valueColumns.indexOf('price')
    const values = [...lane.values]
    values[price] = { slots: product.at.map(at => slots.at(at)), negated: false, decimals: -1, beside: -1 }
    compiled.push({ cells: lane.cells, values })
  }
  return compiled.length > 0 ? compiled : [compile({}, layout.values)]
}

export interface Compiled {
  readonly slots: Slots
  readonly guides: readonly FieldsKey[]
  readonly fields: number
  readonly lanes: readonly CompiledLane[]
  readonly series: SeriesLookup
  readonly time: TimeLookup
  readonly versions: VersionLookup | undefined
  readonly tag: number
  /** Value columns that this file fills. */
  readonly used: readonly number[]
  /** Slots of all numbers of a record. */
  readonly valueSlots: readonly number[]
}

/** Compiles a report for a header, or takes what an earlier file with the same header gave. */
export function compile(report: Report, header: Header, context: ReadContext): Compiled {
  const cacheKey = `${report.id}\n${header.cells.join('\u001f')}`
  const known = context.compiled.get(cacheKey) as Compiled | undefined
  if (known) return known
  const { layout } = report
  const extra: number[] = []
  for (const product of productsOf(layout, header)) extra.push(...product.at)
  if (layout.kind === 'hours') for (const hour of hourColumns(layout, header)) extra.push(...hour.at)
  if (report.tagged) extra.push(0)
  const slots = new Slots(header, wantedOf(report), extra)
  const lanes = compileLanes(report, context, slots)
  const seriesWanted = lanes.flatMap(lane => Object.values(lane.cells)).flatMap(cell => cell.wanted)
  if (layout.kind !== 'hours' && layout.only) seriesWanted.push(...layout.only.cell.wanted)
  if (layout.nothing) seriesWanted.push(...layout.nothing.cell.wanted)
  if (layout.kind === 'components') seriesWanted.push(layout.component)
  if (layout.kind === 'hours' && layout.component) seriesWanted.push(layout.component.wanted)
  const versionColumns =
    layout.kind === 'rows' ? [layout.current, layout.version, layout.corrected].filter(each => each !== undefined) : []
  const series = slots.key(seriesWanted)
  const time = slots.key(report.time.wanted)
  const version = versionColumns.some(each => header.find(each) >= 0) ? slots.key(versionColumns) : undefined
  const guides = [time, series, version]
    .filter(key => key?.together)
    .filter(key => key !== undefined)
    .sort((a, b) => a.first - b.first)
  guides.forEach((key, at) => {
    key.guide = at
  })
  const slotOf = (name: 'current' | 'version' | 'corrected'): number => {
    const wanted = layout.kind === 'rows' ? layout[name] : undefined
    return wanted ? slots.of(wanted) : -1
  }
  const versionSlots = { current: slotOf('current'), version: slotOf('version'), corrected: slotOf('corrected') }
  const made: Compiled = {
    slots,
    guides,
    fields: header.cells.length,
    lanes,
    series: new SeriesLookup(series, report, lanes, context, slots.of),
    time: new TimeLookup(time, report.time, slots.of),
    versions: version && new VersionLookup(version, versionSlots, text => stampMs(context.clock, text)),
    tag: report.tagged ? slots.at(0) : -1,
    used: usedColumns(report, lanes, context),
    valueSlots: valueSlots(layout, slots, lanes),
  }
  if (!perFile(report, lanes)) context.compiled.set(cacheKey, made)
  return made
}

function usedColumns(report: Report, lanes: readonly CompiledLane[], context: ReadContext): number[] {
  const { layout } = report
  const columns = context.valueColumns.map((_, k) => k)
  if (layout.kind === 'rows') return columns.filter(k => lanes.some(lane => lane.values[k]))
  const byComponent = layout.kind === 'components' ? layout.columns : layout.component?.columns
  const names = byComponent ? Object.values(byComponent) : layout.kind === 'hours' ? layout.values : []
  return columns.filter(k => names.includes(context.valueColumns[k] as string))
}

function valueSlots(layout: Layout, slots: Slots, lanes: readonly CompiledLane[]): number[] {
  if (layout.kind === 'components') return layout.value.wanted.map(slots.of).filter(slot => slot >= 0)
  if (layout.kind === 'hours')
    return hourColumns(layout, slots.header).flatMap(({ at }) => at.map(each => slots.at(each)))
  return lanes.flatMap(lane => lane.values).flatMap(value => value?.slots ?? [])
}

/** Cells and rules that look at the file's name cannot be shared between files. */
function perFile(report: Report, lanes: readonly CompiledLane[]): boolean {
  return report.time.perFile === true || lanes.some(lane => Object.values(lane.cells).some(cell => cell.perFile))
}
