/**
 * ISO-NE's SMD tables: a sheet a zone of a yearly workbook, or a sheet saved as CSV. Day-ahead and final real-time prices stand in
 * one row, beside demand and weather; which zone it is stands in the sheet's or the file's name only (isone.md 7).
 */
import { column, number, rounded } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { hourEndingFlatBefore } from '../../src/shape/time-local.js'
import { clock } from './energy.js'
import { ANY_SHEET, placeOfSheet } from './places.js'

/** Spreadsheets print binary doubles: 36.300000000000004. */
const cents = (name: string) => rounded(number(name), 2)
const layout = (side: 'DA' | 'RT', run: string): RowsLayout => ({
  kind: 'rows',
  series: placeOfSheet(run),
  values: {
    lmp: cents(`${side}_LMP`),
    energy: cents(`${side}_EC`),
    congestion: cents(`${side}_CC`),
    loss: cents(`${side}_MLC`),
  },
})
const base = {
  published: 'smd_hourly',
  names: [/^\d{4}_smd_hourly(?![ _-]ISO)[^/]*\.csv$/i],
  inPath: {
    text: ANY_SHEET,
    reason:
      'an SMD table whose zone nothing tells: put the letters of its sheet into its name, for example 2025_smd_hourly_CT.csv',
  },
  // Below the published reports of the same run.
  finality: { priority: -0.4, revision: 1, final: true },
  time: hourEndingFlatBefore({ clock, year: 2024, date: column('Date'), hour: column('Hr_End') }),
  tolerance: 0.021,
  known: [
    ...['DA', 'RT'].flatMap(side => ['Demand', 'LMP', 'EC', 'CC', 'MLC'].map(what => `${side}_${what}`)),
    ...['Dry_Bulb', 'Dew_Point', 'System_Load', 'Reg_Service_Price', 'Reg_Capacity_Price', 'Min_5min_RSP'],
    ...['Max_5min_RSP', 'Min_5min_RCP', 'Max_5min_RCP'],
  ],
} as const

export const smd: readonly Report[] = [
  {
    id: 'smd_hourly_da',
    title: 'Day-ahead hourly LMP of a zone, from an SMD table',
    dataset: 'da_energy_hourly',
    layout: layout('DA', 'DAM'),
    ...base,
  },
  {
    id: 'smd_hourly_rt',
    title: 'Real-time hourly LMP of a zone, final, from an SMD table',
    dataset: 'rt_energy_hourly',
    layout: layout('RT', 'RT_HOURLY'),
    ...base,
  },
]
