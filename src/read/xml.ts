/**
 * XML of a workbook's parts, read as it streams in. The only module that knows saxes: a strict parser without entities of its own
 * making (a part cannot blow up by declaring some), small, with one dependency, which jsdom and exceljs rest on as well.
 */
import { SaxesParser } from 'saxes'
import { ConvertError, InputError } from '../model/errors.js'

export interface XmlEvents {
  /** Names come without their namespace prefix. */
  open(name: string, attributes: Readonly<Record<string, string>>): void
  text(text: string): void
  close(name: string): void
}

/** Bytes without any tag, within one tag or one text: more is no cell, however it came about. */
const LARGEST_TOKEN = 4 << 20

export class XmlReader {
  readonly #parser = new SaxesParser({ position: false })
  readonly #decoder = new TextDecoder()
  #silent = 0

  constructor(
    readonly where: string,
    events: XmlEvents,
  ) {
    this.#parser.on('opentag', ({ name, attributes }) => {
      this.#silent = 0
      events.open(bare(name), attributes as Record<string, string>)
    })
    this.#parser.on('closetag', ({ name }) => {
      this.#silent = 0
      events.close(bare(name))
    })
    this.#parser.on('text', text => events.text(text))
    this.#parser.on('cdata', text => events.text(text))
  }

  /** Throws InputError file.workbook where this is no XML. */
  write(chunk: Uint8Array): void {
    this.#silent += chunk.length
    this.#try(() => this.#parser.write(this.#decoder.decode(chunk, { stream: true })))
    if (this.#silent > LARGEST_TOKEN)
      throw new InputError('file.workbook', `a text or tag of more than ${LARGEST_TOKEN} bytes`, { file: this.where })
  }

  /** Throws InputError file.workbook where the XML is not complete. */
  end(): void {
    this.#try(() => this.#parser.close())
  }

  #try(work: () => unknown): void {
    try {
      work()
    } catch (error) {
      if (error instanceof ConvertError) throw error
      const reason = (error as Error).message
      throw new InputError('file.workbook', `a damaged part of a workbook (${reason}). Download it again`, {
        file: this.where,
      })
    }
  }
}

function bare(name: string): string {
  const at = name.indexOf(':')
  return at < 0 ? name : name.slice(at + 1)
}
