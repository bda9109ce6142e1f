/** From a declaration and a header to slots, look-ups and series: all that is the same for each record of a file. */

import type { Cell, Lane, NumberCell, Report, Wanted } from '../model/report.js'
import { type Header, hourColumns, productsOf, wantedOf } from '../read/header.js'
import type { ReadContext } from './context.js'
import { FieldsKey, type SlotOf, standsTogether, TimeLookup, VersionLookup } from './lookup.js'
import { type CompiledLane, SeriesLookup } from './series.js'
import { stampMs } from './stamp.js'

export { LEFT, NO_ROW, REJECTED } from './series.js'

/** Slots of a file: which columns are wanted, and where each ends up. */
export class Slots {
  readonly columns: readonly number[]
  readonly #slot = new Map<number, number>()

  constructor(
    readonly header: Header,
    wanted: readonly Wanted[],
    extra: readonly number[] = [],
  ) {
    const columns = new Set(extra)
    for (const each of wanted) {
      const at = header.find(each)
      if (at >= 0) columns.add(at)
    }
    this.columns = [...columns].sort((a, b) => a - b)
    this.columns.forEach((column, slot) => {
      this.#slot.set(column, slot)
    })
  }

  readonly of: SlotOf = wanted => {
    const at = this.header.find(wanted)
    return at < 0 ? -1 : (this.#slot.get(at) as number)
  }

  at(column: number): number {
    return this.#slot.get(column) as number
  }

  /** A key over the columns of these wanted ones. */
  key(wanted: readonly Wanted[]): FieldsKey {
    const columns = [...new Set(wanted.map(each => this.header.find(each)).filter(at => at >= 0))].sort((a, b) => a - b)
    return new FieldsKey(
      columns.map(column => this.at(column)),
      columns,
      standsTogether(columns, new Set(this.columns)),
    )
  }
}

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

/** Cells and rules that look at the file's name cannot be shared between files. */
function perFile(report: Report, lanes: readonly CompiledLane[]): boolean {
  return report.time.perFile === true || lanes.some(lane => Object.values(lane.cells).some(cell => cell.perFile))
}
