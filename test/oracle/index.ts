/**
 * The oracle: a second, deliberately naive reading of what MISO, PJM and NYISO publish, for comparison with the real one.
 * It shares no code with src: csv-parse, plain arithmetic, hand-written clock rules, Maps and a sort. Clarity over speed.
 *
 * Where SCHEMA.md and the dossiers leave two readings, the plainest was taken. Compare these when the two disagree:
 *  1. A loser counts as identical by its prices alone (energy: lmp, energy, congestion, loss, ghg; ancillary: price). So the doubled
 *     PJM day of 2024-03-05 gives 22 duplicate_identical and 2 superseded (24 losers in all).
 *  2. Rank within a key: finality (PJM: settlement 2, verified 1, unverified 0, then the current flag), revision, memberTime (0 for a
 *     loose file, so a zip member beats it), sha256 of the content, and inside one content the later line.
 *  3. NYISO: the copy with the latest stamp (the greatest instant), zip member over loose, memberTime, sha256. A loser's row without
 *     a partner of its key in the winner counts as superseded.
 *  4. Zero has no sign, also where a file prints -0.00.
 *  5. Names are kept as printed (no trimming); ids, classes, zones and regions are trimmed.
 *  6. delivery_interval is the place on the grid, floor(minutes into the hour / length) + 1, also for runs off the grid, where two rows
 *     may share it. delivery_date is that of the interval's start.
 *  7. revision: MISO day-ahead (the only one) 1, RT final, the RT quarterly archive and the weekly 5-minute file 2, RT preliminary 1;
 *     PJM without version: settlement feeds 2, others 1; NYISO 1.
 *  8. is_final: false for MISO preliminary, PJM unverified, and a PJM row that won although row_is_current is False.
 *  9. location_type: MISO Loadzone = LOAD, the 5-minute file (no type) = OTHER with class null; PJM EHV = BUS, EXT and TIE = INTERFACE,
 *     RESIDUAL_METERED_EDC = AGGREGATE, unknown = OTHER; NYISO external proxies = INTERFACE with class ZONE.
 * 10. zone is null in MISO and NYISO; PJM's column, empty = null.
 * 11. Energy is derived for MISO and NYISO (2 decimals) and for the unverified PJM feeds with components (6). Missing component: null.
 * 12. MISO: rows of one node and component printed twice in one file are two candidates. A day without an LMP line for a node gives lmp null.
 *     A real-time file under a foreign name is not read (its version is unknown); a day-ahead one is recognised by its title.
 *     A `_hubs_only` copy is read beside the full file and its rows are duplicates.
 * 13. MISO ancillary: region is SYSTEM for the MISO-wide table (SCHEMA.md) or the zone; product is the code as printed (GENREGMCP), side
 *     GEN, DEM, SER or null; REGMILEAGEMCP = REG_MOVEMENT in $/MW, the others $/MWh. Each resource's line is a candidate, so 4,464
 *     lines x 24 are read and collapse into 45 x 24.
 * 14. PJM ancillary: region from the leading RTO / MAD, else SYSTEM; product is the rest of the text, services of the result feeds as
 *     printed (SR is not renamed). REG rows also give the products REG_CAPACITY and REG_PERFORMANCE, with the MW of the row.
 *     cleared_mw = total_mw, requirement_mw = as_req_mw. Secondary and thirty-minute reserve = OPERATING_30, mileage ratio = OTHER.
 * 15. reserve_market_results: an operating day with any stamp off the hour, in any of the files given, is 5-minute.
 * 16. NYISO ancillary: `Regulation` of all eras = `NYCA Regulation Capacity`; columns without East, West or SENY and without Name give
 *     region NYCA; zone rows keep the state-wide regulation price on every zone.
 * 17. NYISO RTD: a stamp equal to the series' previous one repeats that interval; a gap above 15 minutes, or a step back, gives 5 minutes.
 *     An hour printed by `Time Zone` is taken from it, else by row order.
 * 18. Sorting: ancillary by region, product, start, resource_side, market_run; energy by location_id, location_class, start, market_run; null before text. All data sets of
 *     a call stand one after the other; leaves are not separated.
 * 19. A cell that is no number quarantines its candidate row; a line without usable time quarantines one.
 */
import { type OracleFile, type OracleResult, settle } from './common.js'
import { readMiso } from './miso.js'
import { readNyiso } from './nyiso.js'
import { readPjm } from './pjm.js'

export type { OracleFile, OracleResult, OracleRow } from './common.js'

export function oracle(iso: 'MISO' | 'PJM' | 'NYISO', files: readonly OracleFile[]): OracleResult {
  if (iso === 'MISO') return settle(readMiso(files))
  if (iso === 'PJM') return settle(readPjm(files))
  const { found, lost } = readNyiso(files)
  return settle(found, lost)
}
