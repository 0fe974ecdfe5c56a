import type { Section } from './section.ts'
export const markerSection: Section = { title: 'Marker', run: async () => ({ rows: [], text: '' }) }
