/** One row of a table as the unified schema names it: for people and for small tools, not for the hot path. */
import { HOUR } from './clock.js'
import type { ReadContext } from './context.js'
import { roundTo } from './decimal.js'

const text = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19)

/** Column name to value; instants as `2024-01-01T05:00:00Z`, local times without zone, dates as `2024-01-01`. */
export function rowAt(iso: string, context: ReadContext, row: number): Record<string, unknown> {
  const { table, dataset, clock, series, origins } = context
  const start = table.start[row] as number
  const day = clock.dayAt(start)
  const offset = clock.offsetMinutesAt(start)
  const origin = origins[table.origin[row] as number] as (typeof origins)[number]
  const tuple = series.tuples[table.series[row] as number] ?? []
  const times: Record<string, unknown> = {
    interval_start_utc: `${text(start)}Z`,
    interval_end_utc: `${text(table.end[row] as number)}Z`,
    interval_start_local: text(start + offset * 60),
    utc_offset_minutes: offset,
    delivery_date: text(day.day * 86_400).slice(0, 10),
    delivery_hour: Math.floor((start - day.start) / HOUR) + 1,
    delivery_interval: Math.floor(((start - day.start) % HOUR) / (dataset.minutes * 60)) + 1,
    interval_minutes: dataset.minutes,
    iso,
    market: dataset.market,
    revision: origin.finality.revision,
    is_final: origin.finality.final,
    source_report: origin.report.published ?? origin.report.id,
  }
  const value = (name: string): number | null => {
    const k = context.valueColumns.indexOf(name)
    const number = table.used[k] ? ((table.values[k] as Float64Array)[row] as number) : Number.NaN
    return Number.isNaN(number) ? null : number
  }
  return Object.fromEntries(
    dataset.columns.map(({ name, source, type }) => {
      if (source === 'series') {
        const known = tuple[series.columns.indexOf(name)] ?? null
        return [name, known !== null && type === 'double' ? Number(known) : known]
      }
      if (source !== 'value') return [name, times[name]]
      const places = origin.report.layout.deriveEnergy
      const given = value(name)
      if (name !== 'energy' || given !== null || places === undefined) return [name, given]
      const [lmp, congestion, loss] = [value('lmp'), value('congestion'), value('loss')]
      return [
        name,
        lmp === null || congestion === null || loss === null ? null : roundTo(lmp - congestion - loss, places),
      ]
    }),
  )
}
