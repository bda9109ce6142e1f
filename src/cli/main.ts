#!/usr/bin/env node
/** The command line. Each command is one file; this one knows their names, their flags and what their errors mean. */
import { Command, CommanderError } from 'commander'
import { asConvertError, ConvertError } from '../model/errors.js'
import { VERSION } from '../model/version.js'
import { runConvert } from './convert.js'
import { runDoctor } from './doctor.js'
import { guarding } from './guarding.js'
import { runInspect } from './inspect.js'
import { runPlan } from './plan.js'
import { runReports } from './reports.js'

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

const EXAMPLES = `
Examples:
  convert miso --year 2024 --da-only            day-ahead prices of delivery year 2024
  convert pjm nyiso --from 2024-03-01 --to 2024-03-31
  convert all --input ~/iso --output ~/parquet  every market, every year
  convert plan miso --year 2024                 what would be done, and from which files
  convert inspect 20240310_da_expost_lmp.csv    what a raw file is, and its first rows
  convert reports miso                          what is recognised
  convert doctor                                what protects a run on this machine

Exit codes: 0 done, 2 wrong usage, 65 data errors (all else was written), 66 input missing, 70 internal, 71 memory,
73 output, 74 input/output error, 75 try again, 77 permission, 78 newer output, 130/143 interrupted. README has the table.`

/** Flags that say which data, from where to where. */
function selecting(command: Command): Command {
  return command
    .option('--year <year>', 'delivery year; repeat it for several (selects delivery dates, never file names)', collect)
    .option('--from <date>', 'first delivery date; partitions that hold it are converted whole')
    .option('--to <date>', 'last delivery date')
    .option('--all', 'every year (the default without --year)')
    .option('--da-only', 'day-ahead energy prices only')
    .option('--rt-only', 'real-time energy prices only')
    .option('--as-only', 'ancillary-service prices only, day-ahead and real-time')
    .option(
      '--input <dir>',
      'the archive; DIR/<iso>/ if it exists, else DIR itself (default: $ISO_DATA_DIR, else data/raw)',
    )
    .option('--iso <iso>', 'the market of files that do not tell theirs (downloads of gridstatus)')
    .option('--output <dir>', 'where the data set lies (default: $ISO_OUTPUT_DIR, else data)')
    .option('--n-limit <n>', 'at most this many source files per report')
    .option('--force', 'convert again what is up to date')
}

export function program(): Command {
  const root = new Command('convert')
    .description(
      'Turns an archive of ISO market files (CSV, ZIP) into one partitioned Parquet data set, in bounded memory.',
    )
    .version(VERSION)
    .argument('[iso...]', 'markets: pjm, nyiso, miso ... or all')
    .enablePositionalOptions()
    .showHelpAfterError('(convert --help shows all options)')
    .addHelpText('after', EXAMPLES)
  guarding(selecting(root))
    .option('--workers <n>', 'worker processes, or auto', 'auto')
    .option('--batch-size <n>', 'files per batch', '50')
    .option('--max-in-flight <n>', 'small zip members read ahead at once', '4')
    .option('--tmp-dir <dir>', 'folder for spilled runs (default: the system’s)')
    .option('--max-bad-rows <n|p%>', 'quarantined rows that still count as success', '0')
    .option('--max-gaps <n>', 'missing intervals that still count as success (default: any number)')
    .option('--dry-run', 'plan only; write nothing')
    .option('--json', 'print the report as JSON on standard output')
    .option('--report <file>', 'write the report as JSON')
    .option('--log-format <format>', 'text or json', 'text')
    .option('--quiet', 'print nothing on success')
    .option('--verbose', 'list every file and partition')
    .action(async (isos, flags) => end(await runConvert(isos, flags)))
  root
    .command('reports')
    .description('table of the reports that are recognised')
    .argument('[iso...]', 'markets; all without one')
    .option('--json', 'as JSON')
    .action(async (isos, flags) => end(runReports(isos, flags)))
  root
    .command('inspect')
    .description('a raw file: its report, header, span and first rows; a Parquet file: schema, row groups, statistics')
    .argument('<file>')
    .option('--iso <iso>', 'read it as a file of this market')
    .option('--rows <n>', 'rows to show', '10')
    .option('--json', 'as JSON')
    .action(async (file, flags) => end(await runInspect(file, flags)))
  guarding(
    root
      .command('doctor')
      .description('whether a run would be protected here: machine, limits, layers; exit 0 only if it would'),
  )
    .option('--workers <n>', 'worker processes, or auto', 'auto')
    .option('--tmp-dir <dir>', 'folder for spilled runs (default: the system’s)')
    .option('--json', 'as JSON')
    .action(async flags => end(runDoctor(flags)))
  selecting(
    root
      .command('plan')
      .description('what a run would convert, and from which files; writes nothing')
      .argument('[iso...]', 'markets, or all'),
  )
    .option('--json', 'as JSON')
    .option('--verbose', 'name every file')
    .action(async (isos, flags) => end(await runPlan(isos, flags)))
  return root
}

function end(code: number): void {
  process.exitCode = code
}

/** A closed pipe (`convert reports | head`) is no error. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has already said what is wrong; help and version are no errors.
    end(error.exitCode === 0 ? 0 : 2)
    return
  }
  const known = asConvertError(error)
  console.error(`error: ${known.message}`)
  if (!(error instanceof ConvertError) && process.env.DEBUG) console.error(error)
  end(known.exitCode)
}

function overrideExits(command: Command): Command {
  command.exitOverride()
  for (const each of command.commands) overrideExits(each)
  return command
}

await overrideExits(program()).parseAsync().catch(fail)
