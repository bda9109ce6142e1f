/** `convert <iso...>`: runs the conversion and shows how it went. */

import { Run } from '../run/convert.js'
import { writeWhole } from '../write/atomic.js'
import { type Flags, readOptions } from './options.js'
import { makeLogger, type OutputFlags, ProgressView, summaryText } from './output.js'

export async function runConvert(
  isos: readonly string[],
  flags: Flags & OutputFlags & { report?: string },
): Promise<number> {
  const options = { ...readOptions(isos, flags), limitSelf: true }
  const logger = makeLogger(flags)
  const view = new ProgressView(logger, flags)
  const run = new Run(options, view.events)
  const signalled = onSignals(run)
  const report = await run.convert()
  view.finish()
  const code = signalled() ?? report.exit_code
  const final = { ...report, exit_code: code }
  if (flags.report) writeWhole(flags.report, `${JSON.stringify(final, null, 1)}\n`)
  if (flags.json) console.log(JSON.stringify(final, null, 1))
  else if (!flags.quiet || code !== 0)
    console[flags.quiet ? 'error' : 'log'](summaryText(final, flags.verbose ?? false))
  return code
}

const CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** First signal: take nothing new, end the workers, report. Second: leave at once; what is half written has a temporary name. */
function onSignals(run: Run): () => number | undefined {
  let code: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (code !== undefined) process.exit(code)
      code = CODES[signal]
      run.stop()
    })
  return () => code
}
