/** What the words of a column's name say of it, for headers that no report declares. Guesses: a person confirms them. */

/** `SettlementPointPrice`, `LMP ($/MWh)` and `MARKET_CLEARING_PRICE` as lower-case words, without what stands in brackets. */
export function wordsOf(name: string): string {
  return name
    .replace(/^(\uFEFF|ï»¿)/, '')
    .replace(/\(.*$/s, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z\d]+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Words glued to others count: `five_min_rtlmp`, `clearingprice`. */
const PRICE = /(lb?mps?|prices?|mcpc?s?|\bspp|\bprc)\b/
/** Of a price, but no number of $/MWh; and prices of other things. */
const NO_PRICE =
  /\b(type|id|flag|times?|date|stamp|name|run|currency|units?|version|status|change|shadow|bids?|offers?|strike|gas|fuel|coal|oil|carbon|allowance|stock|share|adders?|cap|floor|limit)\b/
const COMPONENTS: readonly (readonly [string, RegExp])[] = [
  ['congestion', /\b(congestion|cong|con|mcc)\b|congestion/],
  ['loss', /\b(loss|losses|mlc|mcl)\b|losses\b/],
  ['ghg', /\bm?ghg\b/],
  ['energy', /\b(energy|ene|mec|mce)\b/],
]

export type PriceKind = 'price' | 'congestion' | 'loss' | 'ghg' | 'energy'

/** What a number column or a component's label is the price of; null if it is none. */
export function priceKind(name: string): PriceKind | null {
  const words = wordsOf(name)
  if (NO_PRICE.test(words)) return null
  const component = COMPONENTS.find(([, pattern]) => pattern.test(words))
  if (component) return component[0] as PriceKind
  // NYISO names its reserve prices by product and unit only.
  return PRICE.test(words) || /\(\s*\$\s*\/\s*MW/i.test(name) ? 'price' : null
}

/** `Real Time Energy Price`: an energy price, where no other stands beside it. */
export const saysPrice = (name: string): boolean => PRICE.test(wordsOf(name))
/** Of energy nobody says so; beside a product it is a price of reserves. */
export const saysClearing = (name: string): boolean => /mcpc?s?\b|clearing|\bclr\b/.test(wordsOf(name))
export const saysReserve = (name: string): boolean => /reserve|regulation|spin|\banc\b/.test(wordsOf(name))

/** Best first. */
const LOCATIONS: readonly RegExp[] = [
  /\bsettlement (location|point)( name)?$/,
  /\bloc(ation)? ?(name)?$/,
  /node ?(name)?$/,
  /\b(electrical )?bus ?(name)?$/,
  /^((trading |load )?(hub|zone)( name)?|name)$/,
  /\b(reserve zone|region|locale|load area|area|interface|point|site|resource|place)( name)?$/,
  /\b(location|loc|p?node|cpnode|zone|area) ?id$|^ptid$/,
]

/** How well a name fits a column of locations: 0 is best, -1 not at all. */
export const locationRank = (name: string): number => LOCATIONS.findIndex(pattern => pattern.test(wordsOf(name)))

const PRODUCT = /\b(ancillary|as ?type|anc ?type|products?|service|reserve type|commodity|mcp type)\b/
export const saysProduct = (name: string): boolean => PRODUCT.test(wordsOf(name))

/** A constraint's shadow price is no location's price, whatever stands beside it. */
export const saysConstraint = (name: string): boolean => /constraint|contingen/.test(wordsOf(name))

const TIME = /time|date|stamp|hour|\b(day|dt|interval|period|begin|beginning|start|he|hr)\b/
export const saysTime = (name: string): boolean => TIME.test(wordsOf(name))
export const saysHour = (name: string): boolean => /hour|\b(he|hr)\b/.test(wordsOf(name))
export const saysInterval = (name: string): boolean => /\binterval$/.test(wordsOf(name))
export const saysRepeated = (name: string): boolean => /\b(dst|repeat\w*|daylight)\b/.test(wordsOf(name))
/** When something was said, not what it is about. */
export const saysPublished = (name: string): boolean =>
  /publi|post|update|creat|correct|insert|report|expir/.test(wordsOf(name))
/** In brackets, too. */
export const saysUtc = (name: string): boolean => /\b(utc|gmt)\b/.test(wordsOf(name.replace(/[()]/g, ' ')))

export function edgeOf(name: string): 'start' | 'end' | 'unknown' {
  const words = wordsOf(name)
  if (/start|begin/.test(words)) return 'start'
  return /\b(end|ending|he)\b|ending|end ?time/.test(words) ? 'end' : 'unknown'
}
