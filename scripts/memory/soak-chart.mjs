// The picture of a soak test: resident memory over time as plain SVG, by hand, so that it needs nothing and is the same everywhere.
const WIDTH = 960
const HEIGHT = 420
const LEFT = 70
const RIGHT = 20
const TOP = 50
const BOTTOM = 60
/** Points of a line; more cannot be seen. */
const POINTS = 600

const SERIES = [
  { key: 'tree', color: '#1f6fb2', title: 'command and its workers together' },
  { key: 'library', color: '#c2571a', title: 'one long-lived process that uses the library' },
]

/** 1, 2 or 5 times a power of ten, so that there are about `count` steps. */
function stepFor(most, count) {
  const raw = most / count
  const power = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= raw)
}

/** Highest value of each stretch: peaks must not vanish between two points. */
function thinned(samples, key) {
  const size = Math.max(1, Math.ceil(samples.length / POINTS))
  const points = []
  for (let at = 0; at < samples.length; at += size) {
    const stretch = samples.slice(at, at + size)
    points.push({ at: stretch[0].at, value: Math.max(...stretch.map(each => each[key])) })
  }
  return points
}

/** @param samples minutes and megabytes: { at, tree, library } */
export function chart(samples, minutes) {
  const most = Math.max(100, ...samples.flatMap(each => SERIES.map(({ key }) => each[key]))) * 1.05
  const end = Math.max(minutes, samples.at(-1)?.at ?? 0)
  const x = at => (LEFT + (at / end) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const y = value => (HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const parts = []
  const yStep = stepFor(most, 6)
  for (let value = 0; value <= most; value += yStep)
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${Number(y(value)) + 4}" text-anchor="end">${value}</text>`,
    )
  const xStep = stepFor(end, 10)
  for (let at = 0; at <= end; at += xStep)
    parts.push(
      `<line x1="${x(at)}" x2="${x(at)}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM + 5}" stroke="#444"/>`,
      `<text x="${x(at)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${Number(at.toFixed(2))}</text>`,
    )
  parts.push(
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>`,
    `<text x="${LEFT + (WIDTH - LEFT - RIGHT) / 2}" y="${HEIGHT - 22}" text-anchor="middle">minutes</text>`,
    `<text transform="translate(18 ${TOP + (HEIGHT - TOP - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">resident memory, MB</text>`,
    `<text x="${LEFT}" y="24" font-size="16" font-weight="bold">Soak test: memory while the same archives are converted again and again</text>`,
  )
  for (const [at, { key, color, title }] of SERIES.entries()) {
    const line = thinned(samples, key).map(each => `${x(each.at)},${y(each.value)}`)
    parts.push(
      `<polyline points="${line.join(' ')}" fill="none" stroke="${color}" stroke-width="${at === 0 ? 0.8 : 1.6}"/>`,
      `<line x1="${LEFT + at * 300}" x2="${LEFT + 24 + at * 300}" y1="40" y2="40" stroke="${color}" stroke-width="3"/>`,
      `<text x="${LEFT + 30 + at * 300}" y="44">${title}</text>`,
    )
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">
<title>Resident memory over ${minutes} minutes of conversions</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${parts.join('\n')}
</svg>
`
}
