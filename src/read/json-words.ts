/** Words by which the parts of a web service's answer are known, and how much of it is looked at. */

/** Names of the array of rows: PJM's items, ERCOT's and MISO's data. */
export const ROWS = /^(data|items|rows|results|records)$/i
/** Arrays of objects that are no rows. */
export const OTHERS = /^(_?links|fields|headers|columns|errors?|filters|parameters|messages|warnings)$/i
export const NAMES = /^(fields|headers|columns)$/i
export const TOTALS = /^(totalRows|totalRecords|totalElements)$/
export const SAYS = /^(message|error|detail|title|description)$/i
/** Rows of objects whose keys make the header. */
export const FIRST_ROWS = 500
export const MOST_COLUMNS = 1024
