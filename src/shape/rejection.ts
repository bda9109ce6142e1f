/** What quarantine holds of a record. */

/** A record that could not become a row. */
export interface Rejection {
  readonly file: string
  readonly line: number
  readonly offset: number
  readonly column: string
  readonly code: string
  readonly reason: string
  readonly raw: string
}
