/**
 * Partitions that an older version of the schema wrote. They are made anew from their inputs; where one of these is gone, rows would go
 * with it, so that the run is refused before anything is written.
 */

import { SCHEMA_VERSION } from '../model/dataset.js'
import { ConfigError } from '../model/errors.js'
import type { Receipt, UnitSource } from '../model/unit.js'

const NAMED = 5

export class OlderPartitions {
  readonly #lost: string[] = []
  #files = ''
  #schema = 0

  /** Notes a partition of an older schema whose inputs are not all there. */
  look(receipt: Receipt, sources: readonly UnitSource[]): void {
    if (receipt.schema_version >= SCHEMA_VERSION || !receipt.file) return
    const shown = new Set(sources.map(source => source.display))
    // A file may have been moved since: its name and size still tell it.
    const named = new Set(sources.map(source => `${nameOf(source.display)} ${source.size}`))
    const gone = receipt.inputs.filter(({ path, entry, bytes }) => {
      const display = entry === '' ? path : `${path} > ${entry}`
      return !shown.has(display) && !named.has(`${nameOf(display)} ${bytes}`)
    })
    if (gone.length === 0) return
    this.#lost.push(receipt.file.path)
    this.#files ||= gone[0]?.path ?? ''
    this.#schema ||= receipt.schema_version
  }

  /** Throws ConfigError (78) that names what would be lost. */
  refuse(): void {
    if (this.#lost.length === 0) return
    const more = this.#lost.length > NAMED ? ` and ${this.#lost.length - NAMED} more` : ''
    throw new ConfigError(
      'schema.older',
      `written with schema ${this.#schema}, this is ${SCHEMA_VERSION}, and inputs of it are gone (such as ${this.#files}): making it anew would lose their rows. Put the files back, or give another --output. It concerns ${this.#lost.slice(0, NAMED).join(', ')}${more}`,
      { file: this.#lost[0] as string },
    )
  }
}

function nameOf(display: string): string {
  return display.split(/ > |\//).at(-1) ?? display
}
