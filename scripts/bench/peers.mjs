// What we compare ourselves with, each in its own process.
//
//   node scripts/bench/peers.mjs duckdb <iso> --data DIR --output DIR [--threads 2]
//     DuckDB: all columns of SCHEMA.md section 2 in the same order, the same sort, duplicates dropped by row_number over the key,
//     Parquet with ZSTD. The queries are the fastest found that give that output: typed columns instead of sniffing, only the columns
//     needed, duplicates and the sort on the narrow row and everything derived from it after the sort (MISO even sorts node-days and
//     unfolds hours afterwards), no insertion order to keep. Three things favour DuckDB: it gets unzipped files, one output file where
//     we write one per day, and a month without a clock change, so that local hours need no rule.
//   node scripts/bench/peers.mjs rows <iso> --data DIR --output DIR [--limit 100000]
//     The plain way in JavaScript: csv-parse, one object a row, parquetjs-lite row by row. No sort, no duplicates dropped; only ISOs
//     whose records are rows (pjm, nyiso, spp).
//
// DIR is an archive of generate.mjs. The last line of stdout is JSON: rows, seconds (without process start), output bytes.
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const typed = (glob, columns, options = '') => {
  const list = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`)
  return `read_csv(${glob}, auto_detect=false, delim=',', quote='"', columns={${list.join(', ')}}${options})`
}

/** The output columns around what differs between ISOs; `start` and `local` are expressions of type TIMESTAMP. */
const output =
  of => `SELECT (${of.start})::TIMESTAMPTZ AS interval_start_utc, (${of.end})::TIMESTAMPTZ AS interval_end_utc,
  ${of.local} AS interval_start_local, date_diff('minute', ${of.start}, ${of.local})::SMALLINT AS utc_offset_minutes,
  (${of.local})::DATE AS delivery_date, (hour(${of.local}) + 1)::TINYINT AS delivery_hour,
  (minute(${of.local}) // ${of.minutes} + 1)::TINYINT AS delivery_interval, ${of.minutes}::SMALLINT AS interval_minutes,
  '${of.iso}' AS iso, '${of.market}' AS market, '${of.run}' AS market_run, ${of.location} AS location, ${of.id} AS location_id,
  ${of.type} AS location_type, ${of.class} AS location_class, ${of.zone ?? 'NULL::VARCHAR'} AS zone,
  ${of.voltage ?? 'NULL::DOUBLE'} AS voltage_kv, lmp, ${of.energy} AS energy, ${of.congestion} AS congestion, ${of.loss} AS loss,
  NULL::DOUBLE AS ghg, ${of.revision ?? '1'}::INTEGER AS revision, ${of.final ?? 'true'} AS is_final, ${of.report} AS source_report`

const HOURS = Array.from({ length: 24 }, (_, at) => `h${at + 1}`)

/** Data set -> query. `data` is the archive's folder. */
export const QUERIES = {
  pjm: data => {
    const columns = {
      datetime_beginning_utc: 'TIMESTAMP',
      datetime_beginning_ept: 'TIMESTAMP',
      pnode_id: 'VARCHAR',
      pnode_name: 'VARCHAR',
      voltage: 'VARCHAR',
      equipment: 'VARCHAR',
      type: 'VARCHAR',
      zone: 'VARCHAR',
      system_energy_price_da: 'DOUBLE',
      total_lmp_da: 'DOUBLE',
      congestion_price_da: 'DOUBLE',
      marginal_loss_price_da: 'DOUBLE',
      row_is_current: 'BOOLEAN',
      version_nbr: 'INTEGER',
    }
    const from = typed(`'${data}/input/pjm/*.csv'`, columns, `, header=true, timestampformat='%m/%d/%Y %I:%M:%S %p'`)
    const narrow = `SELECT datetime_beginning_utc AS u, datetime_beginning_ept AS l, pnode_id, pnode_name, voltage, type, zone,
      total_lmp_da AS lmp, system_energy_price_da AS energy, congestion_price_da AS congestion, marginal_loss_price_da AS loss, row_is_current, version_nbr
      FROM ${from} QUALIFY row_number() OVER (PARTITION BY u, pnode_id, type ORDER BY row_is_current DESC, version_nbr DESC) = 1
      ORDER BY pnode_id, type, u`
    const select = output({
      iso: 'PJM',
      market: 'DA',
      run: 'DAM',
      minutes: 60,
      start: 'u',
      end: 'u + INTERVAL 1 HOUR',
      local: 'l',
      location: 'pnode_name',
      id: 'pnode_id',
      type: `CASE type WHEN 'EHV' THEN 'BUS' WHEN 'EXT' THEN 'INTERFACE' WHEN 'TIE' THEN 'INTERFACE' WHEN 'RESIDUAL_METERED_EDC' THEN 'AGGREGATE' ELSE type END`,
      class: 'type',
      zone: `nullif(zone, '')`,
      voltage: `nullif(replace(voltage, ' KV', ''), '')::DOUBLE`,
      energy: 'energy',
      congestion: 'congestion',
      loss: 'loss',
      revision: 'version_nbr',
      final: 'row_is_current',
      report: `'da_hrl_lmps'`,
    })
    return { da_energy_hourly: `${select} FROM (${narrow})` }
  },

  miso: data => {
    const columns = {
      node: 'VARCHAR',
      type: 'VARCHAR',
      value: 'VARCHAR',
      ...Object.fromEntries(HOURS.map(hour => [hour, 'DOUBLE'])),
    }
    const from = typed(`'${data}/input/miso/*.csv'`, columns, `, header=false, skip=5, filename=true`)
    const day = `strptime(parse_filename(filename)[1:8], '%Y%m%d')::DATE`
    const wide = `WITH r AS (SELECT ${day} AS d, node, type, value, [${HOURS.join(', ')}] AS p FROM ${from}),
      w AS (SELECT a.d, a.node, a.type, a.p AS lmp, b.p AS mcc, c.p AS mlc FROM r a JOIN r b ON b.d = a.d AND b.node = a.node AND b.value = 'MCC'
        JOIN r c ON c.d = a.d AND c.node = a.node AND c.value = 'MLC' WHERE a.value = 'LMP'
        QUALIFY row_number() OVER (PARTITION BY a.d, a.node, a.type) = 1)
      SELECT d + to_hours(h - 1) AS l, node, type, lmp, mcc, mlc FROM
        (SELECT d, node, type, unnest(lmp) AS lmp, unnest(mcc) AS mcc, unnest(mlc) AS mlc, unnest(range(1, 25)) AS h FROM (FROM w ORDER BY node, type, d))`
    const select = output({
      iso: 'MISO',
      market: 'DA',
      run: 'EXPOST',
      minutes: 60,
      start: '(l + INTERVAL 5 HOUR)',
      end: 'l + INTERVAL 6 HOUR',
      local: 'l',
      location: 'node',
      id: 'node',
      type: `CASE type WHEN 'Gennode' THEN 'GEN' WHEN 'Loadzone' THEN 'ZONE' WHEN 'Hub' THEN 'HUB' ELSE 'INTERFACE' END`,
      class: 'type',
      energy: 'round(lmp - mcc - mlc, 2)',
      congestion: 'mcc',
      loss: 'mlc',
      report: `'da_expost_lmp'`,
    })
    return { da_energy_hourly: `${select} FROM (${wide})` }
  },

  nyiso: data => {
    const columns = {
      stamp: 'TIMESTAMP',
      name: 'VARCHAR',
      ptid: 'VARCHAR',
      lmp: 'DOUBLE',
      loss: 'DOUBLE',
      cong: 'DOUBLE',
    }
    const folder = `${data}/unzipped/nyiso`
    const common = {
      iso: 'NYISO',
      start: '(l + INTERVAL 5 HOUR)',
      local: 'l',
      location: 'name',
      id: 'ptid',
      type: `CASE WHEN class = 'GEN' THEN 'GEN' WHEN name IN ('H Q', 'NPX', 'O H', 'PJM') THEN 'INTERFACE' ELSE 'ZONE' END`,
      class: 'class',
      energy: 'round(lmp - loss + cong, 2)',
      congestion: '0 - cong',
      loss: 'loss',
    }
    const ahead = typed(`'${folder}/*damlbmp_zone.csv'`, columns, `, header=true, timestampformat='%m/%d/%Y %H:%M'`)
    const da = `SELECT stamp AS l, name, ptid, 'ZONE' AS class, lmp, loss, cong FROM ${ahead}
      QUALIFY row_number() OVER (PARTITION BY stamp, ptid) = 1 ORDER BY ptid, l`
    const live = typed(
      `'${folder}/*realtime_*.csv'`,
      columns,
      `, header=true, filename=true, timestampformat='%m/%d/%Y %H:%M:%S'`,
    )
    const day = `strptime(parse_filename(filename)[1:8], '%Y%m%d')`
    const rt = `SELECT CASE WHEN stamp - before <= INTERVAL 15 MINUTE THEN before ELSE stamp - INTERVAL 5 MINUTE END AS l, stamp, name, ptid, class, lmp, loss, cong
      FROM (SELECT *, CASE WHEN contains(filename, 'realtime_gen') THEN 'GEN' ELSE 'ZONE' END AS class,
        coalesce(lag(stamp) OVER (PARTITION BY filename, ptid ORDER BY stamp), ${day}) AS before FROM ${live})
      QUALIFY row_number() OVER (PARTITION BY l, ptid, class) = 1 ORDER BY ptid, class, l`
    const first = {
      ...common,
      market: 'DA',
      run: 'DAM',
      minutes: 60,
      end: 'l + INTERVAL 6 HOUR',
      report: `'damlbmp_zone'`,
    }
    const second = {
      ...common,
      market: 'RT',
      run: 'RTD',
      minutes: 5,
      end: 'stamp + INTERVAL 5 HOUR',
      report: `'realtime_' || lower(class)`,
    }
    return { da_energy_hourly: `${output(first)} FROM (${da})`, rt_energy_5min: `${output(second)} FROM (${rt})` }
  },

  caiso: data => {
    const names =
      'INTERVALSTARTTIME_GMT INTERVALENDTIME_GMT OPR_DT OPR_HR OPR_INTERVAL NODE_ID_XML NODE_ID NODE MARKET_RUN_ID LMP_TYPE XML_DATA_ITEM PNODE_RESMRID GRP_TYPE POS MW GROUP'
    const types = { INTERVALSTARTTIME_GMT: 'TIMESTAMP', MW: 'DOUBLE' }
    const columns = Object.fromEntries(names.split(' ').map(name => [name, types[name] ?? 'VARCHAR']))
    const from = typed(
      `'${data}/unzipped/caiso/*.csv'`,
      columns,
      `, header=true, timestampformat='%Y-%m-%dT%H:%M:%S-00:00'`,
    )
    const part = type => `max(MW) FILTER (LMP_TYPE = '${type}')`
    const joined = `SELECT INTERVALSTARTTIME_GMT AS u, NODE AS node, ${part('LMP')} AS lmp, ${part('MCE')} AS mce, ${part('MCC')} AS mcc, ${part('MCL')} AS mcl
      FROM ${from} GROUP BY u, node ORDER BY node, u`
    const kind = (hub, lap, group, plain) =>
      `CASE WHEN starts_with(node, 'TH_') THEN '${hub}' WHEN starts_with(node, 'DLAP_') THEN '${lap}' WHEN ends_with(node, '-APND') THEN '${group}' ELSE '${plain}' END`
    const select = output({
      iso: 'CAISO',
      market: 'DA',
      run: 'DAM',
      minutes: 60,
      start: 'u',
      end: 'u + INTERVAL 1 HOUR',
      local: '(u - INTERVAL 8 HOUR)',
      location: 'node',
      id: 'node',
      type: kind('HUB', 'ZONE', 'AGGREGATE', 'NODE'),
      class: kind('Trading Hub', 'DLAP', 'AP Node', 'Node'),
      energy: 'mce',
      congestion: 'mcc',
      loss: 'mcl',
      report: `'PRC_LMP'`,
    })
    return { da_energy_hourly: `${select} FROM (${joined})` }
  },

  spp: data => {
    const columns = {
      l: 'TIMESTAMP',
      u: 'TIMESTAMP',
      name: 'VARCHAR',
      pnode: 'VARCHAR',
      lmp: 'DOUBLE',
      mlc: 'DOUBLE',
      mcc: 'DOUBLE',
      mec: 'DOUBLE',
    }
    const from = typed(`'${data}/input/spp/*.csv'`, columns, `, header=true, timestampformat='%m/%d/%Y %H:%M:%S'`)
    const narrow = `SELECT u - INTERVAL 5 MINUTE AS u, l - INTERVAL 5 MINUTE AS l, name, lmp, mlc, mcc, mec FROM ${from} f
      QUALIFY row_number() OVER (PARTITION BY f.u, name) = 1 ORDER BY name, u`
    const select = output({
      iso: 'SPP',
      market: 'RT',
      run: 'RTBM',
      minutes: 5,
      start: 'u',
      end: 'u + INTERVAL 5 MINUTE',
      local: 'l',
      location: 'name',
      id: 'name',
      type: `CASE WHEN ends_with(name, '_HUB') THEN 'HUB' ELSE 'NODE' END`,
      class: `'SL'`,
      zone: `'SPP'`,
      energy: 'mec',
      congestion: 'mcc',
      loss: 'mlc',
      report: `'RTBM-LMP-SL'`,
    })
    return { rt_energy_5min: `${select} FROM (${narrow})` }
  },
}

async function duckdb(iso, { data, output: folder, threads = '2' }) {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const before = performance.now()
  const instance = await DuckDBInstance.create(':memory:', { threads })
  const connection = await instance.connect()
  await connection.run('SET preserve_insertion_order = false')
  for (const [dataset, query] of Object.entries(QUERIES[iso](data)))
    await connection.run(`COPY (${query}) TO '${folder}/${dataset}.parquet' (FORMAT parquet, COMPRESSION zstd)`)
  const seconds = (performance.now() - before) / 1000
  const counted = await connection.runAndReadAll(
    `SELECT sum(num_rows) FROM parquet_file_metadata('${folder}/*.parquet')`,
  )
  return { rows: Number(counted.getRows()[0][0]), seconds }
}

/** How the plain way reads one record; undefined where a record is no row. */
export const PLAIN = {
  pjm: {
    folder: 'input/pjm',
    pattern: /\.csv$/,
    minutes: 60,
    row: record => ({
      start: Date.parse(`${record.datetime_beginning_utc} UTC`),
      local: Date.parse(`${record.datetime_beginning_ept} UTC`),
      ...{ iso: 'PJM', market: 'DA', market_run: 'DAM', source_report: 'da_hrl_lmps' },
      location: record.pnode_name,
      location_id: record.pnode_id,
      location_type: record.type,
      location_class: record.type,
      ...(record.zone && { zone: record.zone }),
      ...(record.voltage && { voltage_kv: Number.parseFloat(record.voltage) }),
      lmp: Number(record.total_lmp_da),
      energy: Number(record.system_energy_price_da),
      congestion: Number(record.congestion_price_da),
      loss: Number(record.marginal_loss_price_da),
      revision: Number(record.version_nbr),
      is_final: record.row_is_current === 'True',
    }),
  },
  nyiso: {
    folder: 'unzipped/nyiso',
    pattern: /realtime_/,
    minutes: 5,
    row: record => {
      const end = Date.parse(`${record['Time Stamp']} UTC`)
      const [lmp, loss, published] = [
        'LBMP ($/MWHr)',
        'Marginal Cost Losses ($/MWHr)',
        'Marginal Cost Congestion ($/MWHr)',
      ].map(name => Number(record[name]))
      return {
        start: end + 5 * 3_600_000 - 300_000,
        local: end - 300_000,
        ...{
          iso: 'NYISO',
          market: 'RT',
          market_run: 'RTD',
          source_report: 'realtime_zone',
          location_type: 'ZONE',
          location_class: 'ZONE',
        },
        location: record.Name,
        location_id: record.PTID,
        ...{
          lmp,
          loss,
          congestion: 0 - published,
          energy: Math.round((lmp - loss + published) * 100) / 100,
          revision: 1,
          is_final: true,
        },
      }
    },
  },
  spp: {
    folder: 'input/spp',
    pattern: /\.csv$/,
    minutes: 5,
    row: record => ({
      start: Date.parse(`${record.GMTIntervalEnd} UTC`) - 300_000,
      local: Date.parse(`${record.Interval} UTC`) - 300_000,
      ...{
        iso: 'SPP',
        market: 'RT',
        market_run: 'RTBM',
        source_report: 'RTBM-LMP-SL',
        location_type: 'NODE',
        location_class: 'SL',
        zone: 'SPP',
      },
      location: record['Settlement Location'],
      location_id: record['Settlement Location'],
      ...{
        lmp: Number(record.LMP),
        energy: Number(record.MEC),
        congestion: Number(record.MCC),
        loss: Number(record.MLC),
        revision: 1,
        is_final: true,
      },
    }),
  },
}

async function rowByRow(iso, { data, output: folder, limit = '100000' }) {
  const plain = PLAIN[iso]
  if (!plain) return { rows: 0, seconds: 0, skipped: 'records of this ISO are no rows' }
  const { parse } = await import('csv-parse')
  const { ParquetSchema, ParquetWriter } = createRequire(import.meta.url)('parquetjs-lite')
  const field = (type, optional = false) => ({ type, optional, compression: 'SNAPPY' })
  const text = names => Object.fromEntries(names.map(name => [name, field('UTF8')]))
  const numbers = names => Object.fromEntries(names.map(name => [name, field('DOUBLE', true)]))
  const schema = new ParquetSchema({
    interval_start_utc: field('TIMESTAMP_MICROS'),
    interval_end_utc: field('TIMESTAMP_MICROS'),
    interval_start_local: field('TIMESTAMP_MICROS'),
    utc_offset_minutes: field('INT_16'),
    delivery_date: field('DATE'),
    delivery_hour: field('INT_8'),
    delivery_interval: field('INT_8'),
    interval_minutes: field('INT_16'),
    ...text(['iso', 'market', 'market_run', 'location', 'location_id', 'location_type', 'location_class']),
    zone: field('UTF8', true),
    ...numbers(['voltage_kv', 'lmp', 'energy', 'congestion', 'loss', 'ghg']),
    revision: field('INT_32'),
    is_final: field('BOOLEAN'),
    ...text(['source_report']),
  })
  const before = performance.now()
  const writer = await ParquetWriter.openFile(schema, join(folder, 'rows.parquet'))
  let rows = 0
  let bytes = 0
  for (const name of readdirSync(join(data, plain.folder)).filter(each => plain.pattern.test(each))) {
    const source = createReadStream(join(data, plain.folder, name))
    const parser = source.pipe(parse({ columns: true, bom: true }))
    for await (const record of parser) {
      const { start, local, ...rest } = plain.row(record)
      const hour = new Date(local)
      await writer.appendRow({
        interval_start_utc: start * 1000,
        interval_end_utc: (start + plain.minutes * 60_000) * 1000,
        interval_start_local: local * 1000,
        utc_offset_minutes: (local - start) / 60_000,
        delivery_date: Math.floor(local / 86_400_000),
        delivery_hour: hour.getUTCHours() + 1,
        delivery_interval: Math.floor(hour.getUTCMinutes() / plain.minutes) + 1,
        interval_minutes: plain.minutes,
        ...rest,
      })
      if (++rows >= Number(limit)) break
    }
    bytes += Math.min(parser.info.bytes ?? source.bytesRead, source.bytesRead)
    source.destroy()
    if (rows >= Number(limit)) break
  }
  await writer.close()
  return { rows, bytes, seconds: (performance.now() - before) / 1000 }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = { type: 'string' }
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: option, output: option, threads: option, limit: option },
  })
  const [peer, iso] = positionals
  const run = { duckdb, rows: rowByRow }[peer]
  if (!run || !QUERIES[iso] || !existsSync(values.data ?? ''))
    throw new Error('usage: peers.mjs duckdb|rows <iso> --data DIR --output DIR')
  rmSync(values.output, { recursive: true, force: true })
  mkdirSync(values.output, { recursive: true })
  const result = await run(iso, values)
  const files = readdirSync(values.output).map(name => statSync(join(values.output, name)).size)
  console.log(JSON.stringify({ ...result, outputBytes: files.reduce((sum, size) => sum + size, 0) }))
}
