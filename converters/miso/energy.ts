/** MISO energy prices. Format facts: miso.md 1 and 2, from published files of 2023 to 2026 and from public readers. */
import { column, fixed, mapped, text, textIf } from '../../src/model/cells.js'
import type { Cell, HoursLayout, Report } from '../../src/model/report.js'
import { fixedHours } from '../../src/shape/time.js'

/** Eastern Standard Time on every day of the year (miso.md 0). */
export const EST = -300
/** `HE 1` in daily files, `HE1` or `HE01` in the quarterly archives. */
export const HOUR_ENDING = /^HE ?0?(\d{1,2})$/i

const TYPES = { Gennode: 'GEN', Loadzone: 'LOAD', Hub: 'HUB', Interface: 'INTERFACE' }
export const node = (name: Cell, type: Cell, run: string) => ({
  market_run: fixed(run),
  location: name,
  location_id: name,
  location_type: mapped(type, TYPES, 'OTHER'),
  location_class: type,
})

/** LMP, MCC and MLC of a node are three records; files of 2005-2012 leave `Value` empty for LMP (miso.md 1.7). */
const hourly = (run: string): HoursLayout => ({
  kind: 'hours',
  hour: HOUR_ENDING,
  values: ['lmp'],
  component: { wanted: column('Value'), columns: { LMP: 'lmp', '': 'lmp', MCC: 'congestion', MLC: 'loss' } },
  series: node(text('Node', 'PNODENAME'), textIf('Type'), run),
  deriveEnergy: 2,
})
const archived = (run: string): HoursLayout => ({ ...hourly(run), day: column('MARKET_DAY') })

export const PRELIM = { priority: 1, revision: 1, final: false }
export const FINAL = { priority: 2, revision: 2, final: true }
const time = fixedHours(EST)
/** One market day a file, named for it. */
export const day = { time, span: 'day' } as const

export const energy: readonly Report[] = [
  {
    id: 'da_expost_lmp',
    title: 'Day-ahead ex-post LMP, hourly (settlement)',
    dataset: 'da_energy_hourly',
    names: [/^(?<day>\d{8})_da_expost_lmp\.csv$/i, /^(?<day>\d{8})_da_lmp\.csv$/i],
    heading: /Day Ahead Market ExPost LMPs/i,
    unless: ['MARKET_DAY'],
    layout: hourly('EXPOST'),
    ...day,
  },
  {
    id: 'da_expost_lmp_hubs_only',
    published: 'da_expost_lmp',
    title: 'Hubs cut out of the ex-post file by a download script; the full file wins',
    dataset: 'da_energy_hourly',
    names: [/^(?<day>\d{8})_da_expost_lmp_hubs_only\.csv$/i],
    byHeader: false,
    finality: { priority: -1, revision: 1, final: true },
    layout: hourly('EXPOST'),
    ...day,
  },
  {
    id: 'da_exante_lmp',
    title: 'Day-ahead ex-ante LMP, hourly (another run than ex-post)',
    dataset: 'da_energy_hourly_exante',
    names: [/^(?<day>\d{8})_da_exante_lmp(_hubs_only)?\.csv$/i],
    heading: /Day Ahead Market ExAnte LMPs/i,
    unless: ['MARKET_DAY'],
    layout: hourly('EXANTE'),
    ...day,
  },
  {
    id: 'rt_lmp_final',
    title: 'Real-time LMP, hourly, final',
    dataset: 'rt_energy_hourly',
    names: [/^(?<day>\d{8})_rt_lmp_final(_hubs_only)?\.csv$/i],
    byHeader: false,
    finality: FINAL,
    tolerance: 0.021,
    layout: hourly('RT_HOURLY'),
    ...day,
  },
  {
    id: 'rt_lmp_prelim',
    title: 'Real-time LMP, hourly, preliminary',
    dataset: 'rt_energy_hourly',
    names: [/^(?<day>\d{8})_rt_lmp_prelim(_hubs_only)?\.csv$/i],
    byHeader: false,
    finality: PRELIM,
    tolerance: 0.021,
    layout: hourly('RT_HOURLY'),
    ...day,
  },
  {
    id: 'rt_lmp_unknown_version',
    published: 'rt_lmp',
    title: 'Real-time LMP, hourly, under a name that does not tell final from preliminary: never beats a named one',
    dataset: 'rt_energy_hourly',
    names: [],
    heading: /Real-?time Market LMPs/i,
    unless: ['MARKET_DAY'],
    finality: { priority: 0, revision: 1, final: false },
    tolerance: 0.021,
    layout: hourly('RT_HOURLY'),
    ...day,
  },
  {
    id: 'da_lmp_quarter',
    title: 'Day-ahead LMP, quarterly archive',
    dataset: 'da_energy_hourly',
    names: [/\d{4}[_-][A-Z][a-z]{2}-[A-Z][a-z]{2}_DA_LMPs?(?!.*ex-?ante).*\.csv$/i],
    byHeader: false,
    layout: archived('EXPOST'),
    time,
  },
  {
    id: 'rt_lmp_quarter',
    title: 'Real-time LMP, quarterly archive (final)',
    dataset: 'rt_energy_hourly',
    names: [/\d{4}[_-][A-Z][a-z]{2}-[A-Z][a-z]{2}_RT_LMPs?(?!.*prelim).*\.csv$/i],
    byHeader: false,
    finality: FINAL,
    tolerance: 0.021,
    layout: archived('RT_HOURLY'),
    time,
  },
  {
    id: 'rt_lmp_bundle',
    published: 'rt_lmp',
    title: 'Real-time LMP, hourly, bundles of the content host: nothing says whether they are final (from readers)',
    dataset: 'rt_energy_hourly',
    names: [/^(?:RT_LMP_HOURLY|Post_RTHOURLY_LMP)\d*(?:[ (-].*)?\.csv$/i],
    byHeader: false,
    finality: { priority: 0, revision: 1, final: false },
    tolerance: 0.021,
    layout: archived('RT_HOURLY'),
    time,
  },
]
