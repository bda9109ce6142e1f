/** The seven markets. A new ISO is one entry here and one file beside it. */
import type { Converter } from '../src/model/report.js'
import { Caiso } from './caiso.js'
import { Ercot } from './ercot.js'
import { Isone } from './isone.js'
import { Miso } from './miso.js'
import { Nyiso } from './nyiso.js'
import { Pjm } from './pjm.js'
import { Spp } from './spp.js'

const all: readonly Converter[] = [new Pjm(), new Caiso(), new Nyiso(), new Spp(), new Isone(), new Miso(), new Ercot()]

/** By lower-case short name, in the order in which `all` runs them. */
export const converters: ReadonlyMap<string, Converter> = new Map(all.map(each => [each.iso.toLowerCase(), each]))
