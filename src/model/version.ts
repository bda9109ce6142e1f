/** The package's own name and version, as files and receipts carry them. */
import { readFileSync } from 'node:fs'

interface Manifest {
  readonly name: string
  readonly version: string
}

function manifest(): Manifest {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const read = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Manifest
      if (read.name === 'iso-market-data-converter') return read
    } catch {
      // Built code lies one folder deeper than the source: the other place has it.
    }
  }
  throw new Error('package.json not found beside the program')
}

const { name, version } = manifest()
export const PACKAGE = name
export const VERSION = version
/** Short commit, put in by the release build; a working copy is 'dev'. */
export const BUILD = process.env.ISO_CONVERTER_BUILD ?? 'dev'
export const CREATED_BY = `${name} version ${version} (build ${BUILD})`
