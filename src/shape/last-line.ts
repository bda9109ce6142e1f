/**
 * A last record without line end may have been cut off, even inside its last number. That it is whole can only be seen where the numbers
 * of that column are printed with a fixed number of decimals and it has them all; anything else is refused rather than guessed (B4).
 */

/** Records from which the number of decimals is learned: the first ones, so that it depends on the file alone. */
const LEARNED = 64

export class LastField {
  #seen = 0
  #most = 0

  get learning(): boolean {
    return this.#seen < LEARNED
  }

  /** Decimals of a record's last field. */
  learn(text: string): void {
    this.#seen++
    this.#most = Math.max(this.#most, decimals(text))
  }

  /** Whether a number that no line end follows has all the digits that the numbers before it have. */
  complete(text: string): boolean {
    return this.#most > 0 && decimals(text) >= this.#most
  }
}

function decimals(text: string): number {
  const match = /^\s*"?-?\d*\.(\d+)"?\s*$/.exec(text)
  return match ? (match[1] as string).length : 0
}
