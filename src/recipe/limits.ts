import { quantity } from './shape.ts'

/** More than any card with sixteen devices draws. */
export const POWER = ['0 W', '100 W'] as const

/** Standard, relative. */
export const UNCERTAINTY = quantity('ratio', '1', ['0 %', '50 %'], '0.3 %')
