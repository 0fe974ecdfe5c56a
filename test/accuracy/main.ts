// `npm run accuracy [-- scale [name ...]]`: every accuracy figure of the documentation, from fixed seeds, against a truth that only
// the test knows. At scale 1 with all sections it writes docs/accuracy.md. Exit code 6 when a target is missed.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { energySection } from './energy-section.ts'
import { claimTable, type Section } from './section.ts'
import { markerSection } from './timebase-marker.ts'
import { timebaseSection } from './timebase-section.ts'

const SECTIONS: Record<string, Section> = { timebase: timebaseSection, marker: markerSection, energy: energySection }
const HEAD = `# Accuracy

Written by \`npm run accuracy\`: simulated with fixed seeds against a known truth, nothing measured on hardware.
`

const [scaleText = '1', ...wanted] = process.argv.slice(2)
const scale = Number(scaleText)
const names = Object.keys(SECTIONS)
const unknown = wanted.filter((name) => !names.includes(name))
if (!(scale > 0) || unknown.length > 0) {
  process.stderr.write(
    `expected a scale above 0 and sections of ${names.join(', ')}, saw ${process.argv.slice(2).join(' ')}\n`,
  )
  process.exit(2)
}

const texts: string[] = []
let missed = 0
for (const [name, section] of Object.entries(SECTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { rows, text } = await section.run(scale)
  const whole = `## ${section.title}\n\n${claimTable(rows)}\n\n${text}`
  process.stdout.write(`${whole}\n`)
  texts.push(whole)
  missed += rows.filter((row) => !row.met).length
}
if (scale === 1 && wanted.length === 0)
  writeFileSync(fileURLToPath(new URL('../../docs/accuracy.md', import.meta.url)), `${HEAD}\n${texts.join('\n')}`)
process.exitCode = missed === 0 ? 0 : 6
