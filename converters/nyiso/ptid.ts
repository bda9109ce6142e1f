/** PTIDs of the zones and proxies: exports print names only, the ISO's own files have both (nyiso.md 2.2). */
export const PTID = {
  CAPITL: '61757',
  CENTRL: '61754',
  DUNWOD: '61760',
  GENESE: '61753',
  'H Q': '61844',
  'HUD VL': '61758',
  LONGIL: '61762',
  'MHK VL': '61756',
  MILLWD: '61759',
  'N.Y.C.': '61761',
  NORTH: '61755',
  NPX: '61845',
  'O H': '61846',
  PJM: '61847',
  WEST: '61752',
}
