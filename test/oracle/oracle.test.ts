/** The dossiers' own numbers, worked out by others on the real samples, hold the oracle. */
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type OracleFile, type OracleRow, oracle } from './index.js'

const SAMPLES = new URL('../../../shared/samples/', import.meta.url)
const absent = !existsSync(SAMPLES)
if (absent) console.log(`oracle: real samples skipped, no folder ${SAMPLES.pathname}`)

const sample = (path: string, name = basename(path)): OracleFile => ({
  name,
  content: readFileSync(new URL(path, SAMPLES)),
})
const starts = (rows: OracleRow[]) => rows.map(row => row.interval_start_utc as string)
const distinct = (values: unknown[]) => new Set(values).size
const seconds = (row: OracleRow) =>
  (Date.parse(row.interval_end_utc as string) - Date.parse(row.interval_start_utc as string)) / 1000

describe.skipIf(absent)('MISO samples', () => {
  test('a full day-ahead day', () => {
    const { rows, read } = oracle('MISO', [sample('miso/20230101_da_expost_lmp.csv')])
    expect(rows).toHaveLength(2375 * 24)
    expect(read).toBe(57_000)
    expect(distinct(rows.map(row => row.location_id))).toBe(2375)
    expect(starts(rows).sort().at(0)).toBe('2023-01-01T05:00:00Z')
    expect(starts(rows).sort().at(-1)).toBe('2023-01-02T04:00:00Z')
    for (let hour = 1; hour <= 24; hour++)
      expect(distinct(rows.filter(row => row.delivery_hour === hour).map(row => row.energy))).toBe(1)
    const count = (word: string) => distinct(rows.filter(row => row.location_class === word).map(row => row.location))
    expect(['Gennode', 'Loadzone', 'Hub', 'Interface'].map(count)).toEqual([1507, 419, 403, 46])
    expect(rows.find(row => row.location === 'INDIANA.HUB')).toEqual({
      dataset: 'da_energy_hourly',
      interval_start_utc: '2023-01-01T05:00:00Z',
      interval_end_utc: '2023-01-01T06:00:00Z',
      interval_start_local: '2023-01-01T00:00:00',
      utc_offset_minutes: -300,
      delivery_date: '2023-01-01',
      delivery_hour: 1,
      delivery_interval: 1,
      interval_minutes: 60,
      iso: 'MISO',
      market: 'DA',
      market_run: 'EXPOST',
      location: 'INDIANA.HUB',
      location_id: 'INDIANA.HUB',
      location_type: 'HUB',
      location_class: 'Hub',
      zone: null,
      voltage_kv: null,
      lmp: 29.05,
      energy: 27.23,
      congestion: 0.8,
      loss: 1.02,
      ghg: null,
      lmp_uncapped: null,
      revision: 1,
      is_final: true,
      source_report: 'da_expost_lmp',
    })
  })

  test('a full real-time day: energy within 0.02 between nodes', () => {
    const { rows } = oracle('MISO', [sample('miso/20230101_rt_lmp_final.csv')])
    expect(rows).toHaveLength(57_000)
    for (let hour = 1; hour <= 24; hour++) {
      const energy = rows.filter(row => row.delivery_hour === hour).map(row => row.energy as number)
      expect(Math.max(...energy) - Math.min(...energy)).toBeLessThanOrEqual(0.0200001)
    }
  })

  test('the resources of a zone collapse into the zone price', () => {
    const { rows, read, duplicateIdentical, superseded } = oracle('MISO', [
      sample('miso/20230101_asm_expost_damcp.csv'),
    ])
    expect(read).toBe((4464 + 7) * 24)
    expect(superseded).toBe(0)
    expect(rows).toHaveLength((45 + 7) * 24)
    expect(duplicateIdentical).toBe((4464 - 45) * 24)
  })

  test('final wins over preliminary whatever the order; cut and re-saved copies are read', () => {
    const prelim = sample('miso/20261001_rt_lmp_prelim.csv')
    const final = { ...prelim, name: '20261001_rt_lmp_final.csv' }
    for (const files of [
      [prelim, final],
      [final, prelim],
    ]) {
      const { rows, duplicateIdentical } = oracle('MISO', files)
      expect(rows).toHaveLength(22 * 24)
      expect(duplicateIdentical).toBe(22 * 24)
      expect(rows.every(row => row.is_final === true && row.revision === 2)).toBe(true)
    }
    const resaved = oracle('MISO', [sample('miso/miso-2025-12-01.csv')])
    expect(starts(resaved.rows).sort().at(0)).toBe('2025-12-01T05:00:00Z')
    const spring = oracle('MISO', [sample('miso/miso-2026-03-08.csv')])
    expect(distinct(starts(spring.rows))).toBe(24)
    expect(spring.rows.some(row => row.energy === null)).toBe(true)
  })
})

describe.skipIf(absent)('PJM samples', () => {
  test('the restated year', () => {
    const result = oracle('PJM', [sample('pjm/rto_zone_2024_restated/rt_hrl_lmps.csv')])
    expect(result.read).toBe(8808)
    expect(result.rows).toHaveLength(8784)
    expect(result.duplicateIdentical + result.superseded).toBe(24)
    expect(result.superseded).toBe(2)
    expect(result.rows.filter(row => row.revision === 2)).toHaveLength(24)
    const restated = result.rows.find(row => row.interval_start_utc === '2024-03-06T03:00:00Z')
    expect(restated).toMatchObject({
      lmp: 40.164347,
      delivery_date: '2024-03-05',
      delivery_hour: 23,
      revision: 2,
      is_final: true,
    })
  })

  test('days of the clock change', () => {
    const { rows } = oracle('PJM', [sample('pjm/rto_zone_2025/da_hrl_lmps.csv')])
    const day = (date: string) => rows.filter(row => row.delivery_date === date)
    expect(day('2025-03-09')).toHaveLength(23)
    expect(day('2025-11-02')).toHaveLength(25)
    expect(starts(day('2025-11-02')).at(0)).toBe('2025-11-02T04:00:00Z')
    expect(starts(day('2025-11-02')).at(-1)).toBe('2025-11-03T04:00:00Z')
    expect(day('2025-11-02').map(row => row.utc_offset_minutes)).toEqual([-240, -240, ...Array(23).fill(-300)])
    expect(day('2025-11-02').map(row => row.delivery_hour)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1))
  })

  test('hubs and reserve results', () => {
    const hubs = oracle('PJM', [sample('pjm/hubs_2025/da_hrl_lmps.csv'), sample('pjm/hubs_2025/rt_hrl_lmps.csv')])
    expect(hubs.rows.filter(row => row.dataset === 'da_energy_hourly')).toHaveLength(26_508)
    for (const row of hubs.rows.filter(each => each.market === 'DA'))
      expect(Math.abs(Number(row.lmp) - Number(row.energy) - Number(row.congestion) - Number(row.loss))).toBeLessThan(
        0.0000011,
      )
    const services = oracle('PJM', [sample('pjm/as_2024/ancillary_services.csv')])
    expect(services.rows).toHaveLength(720)
    expect(services.rows[0]).toMatchObject({
      region: 'RTO',
      product: 'Synchronized Reserve',
      price: 0.03,
      product_standard: 'SPIN',
    })
    const results = oracle('PJM', [sample('pjm/as_2024/reserve_market_results.csv')])
    expect(distinct(results.rows.map(row => row.product))).toBe(3)
    expect(results.rows.every(row => row.dataset === 'rt_as_5min' && row.region === 'RTO')).toBe(true)
  })
})

describe.skipIf(absent)('NYISO samples', () => {
  test.each(['20161023', '20161024', '20161026'])('energy agrees at all 15 names, %s', day => {
    const { rows } = oracle('NYISO', [sample(`nyiso/${day}realtime_zone.csv`)])
    const intervals = grouped(rows)
    expect(intervals.size).toBe({ 20161023: 288, 20161024: 292, 20161026: 288 }[day] ?? 0)
    for (const group of intervals.values()) {
      const energy = group.map(row => row.energy as number)
      expect(group).toHaveLength(15)
      expect(Math.max(...energy) - Math.min(...energy)).toBeLessThanOrEqual(0.0200001)
    }
    expect(new Set(rows.map(row => row.delivery_date)).size).toBe(1)
  })

  test('a day of runs off the grid covers the day without overlap', () => {
    const { rows } = oracle('NYISO', [sample('nyiso/20161024realtime_zone.csv')])
    const west = rows.filter(row => row.location === 'WEST')
    expect(west[0]?.interval_start_utc).toBe('2016-10-24T04:00:00Z')
    expect(west.at(-1)?.interval_end_utc).toBe('2016-10-25T04:00:00Z')
    for (const [at, row] of west.slice(1).entries()) expect(row.interval_start_utc).toBe(west[at]?.interval_end_utc)
  })

  test('fall-back with runs off the grid: the hours weigh to the published hourly prices', () => {
    const file = sample('nyiso/20211107realtime_zone_cutCAPITL_0005-0300.csv', '20211107realtime_zone.csv')
    const { rows } = oracle('NYISO', [file])
    const ends = rows.map(row => row.interval_end_utc)
    for (const end of ['2021-11-07T05:57:48Z', '2021-11-07T06:00:00Z', '2021-11-07T06:02:48Z', '2021-11-07T06:08:12Z'])
      expect(ends.filter(each => each === end)).toHaveLength(1)
    const weighted = (hour: number) => {
      const inside = rows.filter(row => row.delivery_hour === hour)
      expect(inside.reduce((sum, row) => sum + seconds(row), 0)).toBe(3600)
      return inside.reduce((sum, row) => sum + Number(row.lmp) * seconds(row), 0) / 3600
    }
    expect(weighted(2)).toBeCloseTo(124.31, 2)
    expect(weighted(3)).toBeCloseTo(77.54, 2)
  })

  test('hourly days of the clock change', () => {
    const autumn = oracle('NYISO', [sample('nyiso/20251102damlbmp_zone_cut2.csv', '20251102damlbmp_zone.csv')])
    const west = autumn.rows.filter(row => row.location === 'WEST')
    expect(west).toHaveLength(25)
    expect(west.slice(1, 3).map(row => [row.interval_start_utc, row.lmp])).toEqual([
      ['2025-11-02T05:00:00Z', 50.72],
      ['2025-11-02T06:00:00Z', 48.63],
    ])
    const spring = oracle('NYISO', [sample('nyiso/20250309rtlbmp_zone_cut3.csv', '20250309rtlbmp_zone.csv')])
    expect(spring.rows).toHaveLength(3 * 23)
    const whole = oracle('NYISO', [sample('nyiso/20260923damlbmp_zone.csv')])
    expect(whole.rows).toHaveLength(360)
    expect(whole.rows.filter(row => row.location_type === 'INTERFACE')).toHaveLength(4 * 24)
    expect(whole.rows.some(row => Object.is(row.congestion, -0))).toBe(false)
  })
})

function grouped(rows: OracleRow[]) {
  const groups = new Map<OracleRow[string], OracleRow[]>()
  for (const row of rows) groups.set(row.interval_end_utc!, [...(groups.get(row.interval_end_utc!) ?? []), row])
  return groups
}

const hours = (first: string, value: string) => `${first},${Array(24).fill(value).join(',')}`

describe('forms without a real sample (synthetic)', () => {
  test('MISO weekly file with preamble and closing text', () => {
    const content = [
      'Real-Time 5-Minute',
      'a',
      'b',
      'c',
      'MKTHOUR_EST,PNODENAME,LMP,CON_LMP,LOSS_LMP',
      '07/01/2024 00:05,AECI,-20.5,-.25,0.75',
      '',
      'Closing text',
    ].join('\r\n')
    const { rows, read } = oracle('MISO', [{ name: '20240715_5MIN_LMP.CSV', content, memberTime: 1 }])
    expect(read).toBe(1)
    expect(rows[0]).toMatchObject({
      interval_start_utc: '2024-07-01T05:05:00Z',
      delivery_interval: 2,
      energy: -21,
      congestion: -0.25,
    })
  })

  test('MISO quarterly file, quoted thousands', () => {
    const header = `MARKET_DAY,NODE,TYPE,VALUE,${Array.from({ length: 24 }, (_, at) => `HE${at + 1}`).join(',')}`
    const content = [
      '',
      '',
      header,
      hours('10/01/2021,A,Hub,LMP', '"1,234.56"'),
      hours('10/01/2021,A,Hub,MLC', '($1.50)'),
      hours('10/01/2021,A,Hub,MCC', '.06'),
    ]
    const { rows } = oracle('MISO', [{ name: '2021_Oct-Dec_DA_LMPs.csv', content: content.join('\n') }])
    expect(rows).toHaveLength(24)
    expect(rows[0]).toMatchObject({
      lmp: 1234.56,
      loss: -1.5,
      congestion: 0.06,
      energy: 1236,
      source_report: 'DA_LMPs',
    })
  })

  test('MISO real-time MCP: mileage, empty cells give no row', () => {
    const header = Array.from({ length: 24 }, (_, at) => ` HE ${at + 1}`).join(',')
    const content = [
      'Real Time Market MCPs.,Not settlement quality data.',
      '',
      '7/1/2024,,EST',
      '',
      `,,MCP Type,${header}`,
      hours('MISO Wide,-,REGMILEAGEMCP', '0.5'),
      '',
      '',
      `Pnode,Zone,MCP Type,${header}`,
      hours('A.B,Zone 1,GENSPINMCP', ''),
    ]
    const { rows, emptyCells } = oracle('MISO', [
      { name: '20240701_asm_rtmcp_prelim.csv', content: content.join('\r\n') },
    ])
    expect(emptyCells).toBe(24)
    expect(rows).toHaveLength(24)
    expect(rows[0]).toMatchObject({
      dataset: 'rt_as_hourly',
      region: 'SYSTEM',
      unit: '$/MW',
      is_final: false,
      resource_side: null,
    })
  })

  test('PJM settlement feed beats a higher version, gives both markets; unverified loses', () => {
    const row = '7/1/2024 4:00:00 AM,7/1/2024 12:00:00 AM,1,PJM-RTO,,,ZONE,'
    const names = 'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone'
    const monthly = `${names},system_energy_price_rt,total_lmp_rt,congestion_price_rt,marginal_loss_price_rt,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da\r\n${row},10,12,1,1,20,23,2,1\r\n`
    const verified = `\uFEFF${names},system_energy_price_rt,total_lmp_rt,congestion_price_rt,marginal_loss_price_rt,row_is_current,version_nbr\r\n${row},10,13,2,1,True,9\r\n`
    const { rows, superseded } = oracle('PJM', [
      { name: 'rt_hrl_lmps (2).csv', content: verified },
      { name: 'rt_da_monthly_lmps-3.csv', content: monthly },
    ])
    expect(superseded).toBe(1)
    expect(rows.map(each => [each.dataset, each.lmp, each.revision])).toEqual([
      ['da_energy_hourly', 23, 2],
      ['rt_energy_hourly', 12, 2],
    ])
  })

  test('PJM renamed five-minute export is told by its stamps', () => {
    const content = `datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_rt,total_lmp_rt,congestion_price_rt,marginal_loss_price_rt,row_is_current,version_nbr
9/1/2025 4:05:00 AM,9/1/2025 12:05:00 AM,1,PJM-RTO,230 KV,,ZONE,,18.670000,18.686130,0.009298,0.006832,True,1`
    const { rows } = oracle('PJM', [{ name: 'mine.csv', content }])
    expect(rows[0]).toMatchObject({
      dataset: 'rt_energy_5min',
      market_run: 'RTD',
      voltage_kv: 230,
      delivery_interval: 2,
    })
  })

  test('NYISO ancillary eras A to D', () => {
    const eraA =
      'Time Stamp,10 Min Spinning Reserve ($/MWHr,10 Min Non-Synchronous Reserve,30 Min Operating Reserve ($/MWH,Regulation ($/MWHr)\n01/05/2001 00:00,1,2,3,4\n'
    const a = oracle('NYISO', [{ name: '20010105damasp.csv', content: eraA }])
    expect(a.rows.map(row => [row.region, row.product, row.price])).toEqual([
      ['NYCA', '10 Min Non-Synchronous Reserve', 2],
      ['NYCA', '10 Min Spinning Reserve', 1],
      ['NYCA', '30 Min Operating Reserve', 3],
      ['NYCA', 'NYCA Regulation Capacity', 4],
    ])
    const eraB =
      'Time Stamp,East 10 Min Spinning Reserve ($/MWHr),East Regulation ($/MWHr),West Regulation ($/MWHr), NYCA Regulation Movement ($/MW)\n07/05/2014 00:05:00,1,2,,4\n'
    const b = oracle('NYISO', [{ name: '20140705rtasp.csv', content: eraB }])
    expect(b.emptyCells).toBe(1)
    expect(b.rows.map(row => [row.region, row.product, row.unit])).toEqual([
      ['EAST', '10 Min Spinning Reserve', '$/MWh'],
      ['EAST', 'NYCA Regulation Capacity', '$/MWh'],
      ['NYCA', 'NYCA Regulation Movement', '$/MW'],
    ])
    expect(b.rows[0]).toMatchObject({
      interval_start_utc: '2014-07-05T04:00:00Z',
      interval_end_utc: '2014-07-05T04:05:00Z',
    })
    const eraC =
      'Time Stamp,SENY 30 Min Operating Reserve ($/MWHr),SENY 30 Min Operating Reserve ($/MWHr)\n01/05/2016 00:00,,7\n'
    expect(oracle('NYISO', [{ name: '20160105damasp.csv', content: eraC }]).rows).toMatchObject([
      { region: 'SENY', price: 7 },
    ])
    const eraD =
      'Time Stamp,Time Zone,Name,PTID,10 Min Spinning Reserve ($/MWHr),NYCA Regulation Movement ($/MW)\n11/03/2024 01:30:00,EST,WEST,61752,1.5,0.1\n'
    const d = oracle('NYISO', [{ name: '20241103rtasp.csv', content: eraD }])
    expect(d.rows[0]).toMatchObject({
      region: 'WEST',
      interval_start_utc: '2024-11-03T06:25:00Z',
      delivery_hour: 3,
      market_run: 'RTD',
    })
  })

  test('NYISO days are won whole', () => {
    const header =
      'Time Stamp,Name,PTID,LBMP ($/MWHr),Marginal Cost Losses ($/MWHr),Marginal Cost Congestion ($/MWHr)\n'
    const loose = {
      name: '20240701damlbmp_zone.csv',
      content: `${header}07/01/2024 00:00,WEST,61752,10,0,0\n07/01/2024 01:00,WEST,61752,11,0,0\n`,
    }
    const member = {
      ...loose,
      content: `${header}07/01/2024 00:00,WEST,61752,12,0,0\n07/01/2024 01:00,WEST,61752,11,0,0\n`,
      memberTime: 5,
    }
    const partial = { ...loose, content: `${header}07/01/2024 00:00,WEST,61752,99,0,0\n`, memberTime: 9 }
    for (const files of [
      [loose, member, partial],
      [partial, member, loose],
    ]) {
      const result = oracle('NYISO', files)
      expect(result.rows.map(row => row.lmp)).toEqual([12, 11])
      expect([result.read, result.duplicateIdentical, result.superseded]).toEqual([5, 1, 2])
    }
  })
})
