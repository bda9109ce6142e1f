/** What is taken for a price table: the headers of seven ISOs, made-up drifts of them, and what only shares a word with prices. */
import { describe, expect, test } from 'vitest'
import { type Guess, guess, guessText } from '../../src/shape/guess.js'
import { firstLines } from '../../src/shape/lines.js'

const of = (...lines: string[]): Guess | null => guess(firstLines(Buffer.from(`${lines.join('\n')}\n`)))
const time = (form: string, clock: string, edge: string, minutes: number | null, ...columns: string[]) => ({
  form,
  clock,
  edge,
  minutes,
  columns,
})
const hours = (from: number, to: number, name: (hour: number) => string) =>
  Array.from({ length: to - from + 1 }, (_, at) => name(from + at)).join(',')

describe('as the ISOs print', () => {
  test.each<[string, string[], object]>([
    [
      'PJM',
      [
        'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr',
        '1/1/2024 5:00:00 AM,1/1/2024 12:00:00 AM,1,PJM-RTO,,,ZONE,,27.62,30.14,1.78,0.74,True,1',
        '1/1/2024 6:00:00 AM,1/1/2024 1:00:00 AM,1,PJM-RTO,,,ZONE,,27.62,30.14,1.78,0.74,True,1',
      ],
      {
        layout: 'rows',
        time: time('stamp', 'UTC', 'start', 60, 'datetime_beginning_utc'),
        location: 'pnode_name',
        prices: ['total_lmp_da'],
        components: {
          energy: 'system_energy_price_da',
          congestion: 'congestion_price_da',
          loss: 'marginal_loss_price_da',
        },
      },
    ],
    [
      'CAISO, a component in each record',
      [
        'INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,OPR_INTERVAL,GROUP',
        '2024-01-01T08:00:00-00:00,2024-01-01T09:00:00-00:00,2024-01-01,1,N,N,N,DAM,LMP,LMP_PRC,N,ALL,1,30.5,0,1',
        '2024-01-01T09:00:00-00:00,2024-01-01T10:00:00-00:00,2024-01-01,2,N,N,N,DAM,MCC,LMP_CONG_PRC,N,ALL,1,1.5,0,1',
      ],
      {
        layout: 'components',
        time: time('stamp', 'UTC', 'start', 60, 'INTERVALSTARTTIME_GMT'),
        location: 'NODE',
        prices: ['MW'],
        kind: { column: 'LMP_TYPE', words: { LMP: 'price', MCC: 'congestion' } },
      },
    ],
    [
      'NYISO',
      [
        '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)","Marginal Cost Congestion ($/MWHr)"',
        '"01/01/2024 00:05:00","CAPITL",61757,24.93,-0.37,1.09',
        '"01/01/2024 00:10:00","CAPITL",61757,24.93,-0.37,1.09',
      ],
      {
        time: time('stamp', 'local', 'unknown', 5, 'Time Stamp'),
        location: 'Name',
        prices: ['LBMP ($/MWHr)'],
        components: { loss: 'Marginal Cost Losses ($/MWHr)', congestion: 'Marginal Cost Congestion ($/MWHr)' },
      },
    ],
    [
      'NYISO, reserves',
      [
        'Time Stamp,Time Zone,Name,PTID,10 Min Spinning Reserve ($/MWHr),NYCA Regulation Capacity ($/MWHr)',
        '01/01/2024 00:00,EST,N.Y.C.,61761,31.39,22.46',
      ],
      {
        location: 'Name',
        prices: ['10 Min Spinning Reserve ($/MWHr)', 'NYCA Regulation Capacity ($/MWHr)'],
        market: 'ancillary',
      },
    ],
    [
      'SPP',
      [
        'Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC',
        '01/01/2024 01:00:00,01/01/2024 07:00:00,AEC,SOUC,21.12,-0.16,-1.69,22.99',
      ],
      {
        time: time('stamp', 'UTC', 'end', null, 'GMTIntervalEnd'),
        location: 'Settlement Location',
        prices: ['LMP'],
        components: { loss: 'MLC', congestion: 'MCC', energy: 'MEC' },
        others: ['Interval', 'Pnode'],
      },
    ],
    [
      'ISO-NE, tagged lines below a preamble',
      [
        '"C","Day-Ahead Energy Market Hourly LMP Report"',
        '"C","Filename: WW_DALMP_ISO_20240101.csv"',
        '"H","Date","Hour Ending","Location ID","Location Name","Location Type","Locational Marginal Price","Energy Component","Congestion Component","Marginal Loss Component"',
        '"H","Date","HE","String","String","String","Number","Number","Number","Number"',
        '"D","01/01/2024","01","321","UN.X","NETWORK NODE",24.14,21.62,1.78,0.74',
        '"T","1"',
      ],
      {
        line: 3,
        time: time('date and hour', 'local', 'end', 60, 'Date', 'Hour Ending'),
        location: 'Location Name',
        prices: ['Locational Marginal Price'],
      },
    ],
    [
      'MISO, hours across',
      [
        'Day Ahead Market ExPost LMPs',
        '01/01/2024',
        '',
        ',,,All Hours-Ending are Eastern Standard Time (EST)',
        `Node,Type,Value,${hours(1, 24, hour => `HE ${hour}`)}`,
        `INDIANA.HUB,Hub,LMP,${hours(1, 24, String)}`,
        `INDIANA.HUB,Hub,MCC,${hours(1, 24, String)}`,
      ],
      {
        layout: 'hours',
        line: 5,
        time: time('above', 'local', 'end', 60),
        location: 'Node',
        kind: { column: 'Value', words: { LMP: 'price', MCC: 'congestion' } },
        others: ['Type'],
      },
    ],
    [
      'ERCOT',
      [
        'DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,SettlementPointPrice,DSTFlag',
        '01/01/2024,1,1,AEEC,RN,34.41,N',
      ],
      {
        time: {
          ...time('date and hour', 'local', 'unknown', 15, 'DeliveryDate', 'DeliveryHour'),
          interval: 'DeliveryInterval',
          repeated: 'DSTFlag',
        },
        location: 'SettlementPointName',
        prices: ['SettlementPointPrice'],
        market: 'energy',
      },
    ],
    [
      'ERCOT, reserves: a product in the place of a location',
      ['DeliveryDate,HourEnding,AncillaryType,MCPC,DSTFlag', '01/01/2024,01:00,ECRS,32.83,N'],
      { location: null, product: 'AncillaryType', prices: ['MCPC'], market: 'ancillary' },
    ],
    [
      'gridstatus',
      [
        'Time,Interval Start,Interval End,Market,Location,Location Type,SPP',
        '2024-01-01 00:00:00-06:00,2024-01-01 00:00:00-06:00,2024-01-01 01:00:00-06:00,DAM,HB_NORTH,Trading Hub,20.5',
      ],
      { time: time('stamp', 'offset', 'start', null, 'Interval Start'), location: 'Location', prices: ['SPP'] },
    ],
  ])('%s', (_, lines, expected) => {
    expect(of(...lines)).toMatchObject(expected)
  })
})

describe('drifts', () => {
  const STAMP = '2024-01-01 00:00'
  test.each([
    'Clearing Price',
    'LMP ($/MWh)',
    'SettlementPointPrice',
    'MARKET_CLEARING_PRICE',
    'LMP-USD',
    'rt_lmp',
    'MCP',
    'mcpc',
    'Price',
    'FINAL.PRICE',
    'LBMP',
  ])('a price column called %s', name => {
    expect(of(`Time Stamp,Name,PTID,${name}`, `${STAMP},CAPITL,61757,30.5`)).toMatchObject({ prices: [name] })
  })

  test.each([
    ['Interval Begin (UTC)', STAMP, { clock: 'UTC', edge: 'start' }],
    ['TRADING_PERIOD_END', STAMP, { clock: 'local', edge: 'end' }],
    ['When', '2024-01-01T00:00:00Z', { clock: 'UTC', edge: 'unknown' }],
    ['Start', '2024-01-01T00:00:00-05:00', { clock: 'offset', edge: 'start' }],
    ['Market Date', '10-Mar-2024 01:00', { form: 'unread', example: '10-Mar-2024 01:00' }],
  ])('a time column called %s', (name, text, expected) => {
    expect(of(`${name},Name,PTID,LBMP`, `${text},CAPITL,61757,30.5`)).toMatchObject({
      time: { columns: [name], ...expected },
    })
  })

  test.each(['Pricing Node', 'SettlementPoint', 'LOCATION_NAME', 'Hub', 'Bus Name', 'Load Zone Name', 'region'])(
    'a location column called %s',
    name => {
      expect(of(`Time,${name},LMP`, `${STAMP},A,30.5`)).toMatchObject({ location: name })
    },
  )

  test('other separators', () => {
    for (const separator of [';', '\t', '|'])
      expect(
        of(['Time', 'Node', 'LMP'].join(separator), [STAMP, 'A', '30.5'].join(separator)),
        separator,
      ).toMatchObject({ separator, prices: ['LMP'] })
  })

  test('a further line above the header, whole numbers, thousands', () => {
    expect(of('Real time prices', '', 'Time,Node,LMP', `${STAMP},A,30`, `${STAMP},B,"1,030"`)).toMatchObject({
      line: 3,
    })
  })

  test('in one line', () => {
    expect(guessText(of('Time,Node,LMP', `${STAMP},A,30`) as Guess)).toBe('time "Time", location "Node", price "LMP"')
  })
})

describe('no prices of locations', () => {
  test.each<[string, string[]]>([
    ['load', ['Time Stamp,Name,PTID,Integrated Load', '01/01/2024 00:00,CAPITL,61757,1300.5']],
    ['a load forecast across zones', ['Time Stamp,Capitl,Centrl,Dunwod', '01/01/2024 00:00,1300,1700,600']],
    ['fuel mix', ['Time Stamp,Time Zone,Fuel Category,Gen MW', '01/01/2024 00:05,EST,Dual Fuel,1300']],
    ['weather', ['time,station,location,temperature,wind_speed', '2024-01-01 00:00,KALB,Albany,-3.5,12']],
    ['constraints', ['Time Stamp,Limiting Facility,Contingency,Constraint Cost ($/MWHr)', '01/01/2024 00:05,X,Y,10.5']],
    [
      'shadow prices',
      ['DeliveryTime,ConstraintName,ContingencyName,ShadowPrice,FromStation', '01/01/2024 01:00,A,B,20.5,HUB'],
    ],
    [
      'shadow prices without the word constraint',
      ['Interval,Flowgate,Interface,Shadow Price', '01/01/2024 01:00,A,B,20.5'],
    ],
    ['stocks', ['Ticker,Company,Price,Volume', 'ABC,Alphabet Co,30.5,1000']],
    ['stocks by day', ['Date,Ticker,Price,Volume', '2024-01-02,ABC,30.5,1000']],
    ['places with a price and no time', ['Location,Operator,Price,Power', 'Albany,A,0.35,50']],
    ['gas', ['Trade Date,Hub,Gas Price ($/MMBtu)', '2024-01-02,Henry,2.5']],
    ['bids', ['Date,Hour,Resource Name,Bid Price,Offer Price', '01/02/2024,1,A,10.5,20.5']],
    [
      'flags and times of prices only',
      ['Time,Node,Price Type,Price Correction Time', '2024-01-01 00:00,A,LMP,2024-01-02 00:00'],
    ],
    ['words where the price should be', ['Time,Node,LMP', '2024-01-01 00:00,A,high']],
    ['load by hours across', [`Date,Zone,Kind,${hours(1, 24, String)}`, `01/01/2024,A,Load,${hours(1, 24, String)}`]],
    ['a header without rows', ['Time,Node,LMP']],
    ['text', ['Dear all, the prices, times and places', 'follow, as soon, as I have them']],
    ['nothing', ['']],
  ])('%s', (_, lines) => {
    expect(of(...lines)).toBeNull()
  })
})
