import { JoulespanError } from '../errors/joulespan-error.ts'
import * as P from '../protocol/constants.ts'
import { crc16 } from '../protocol/crc16.ts'

/** What a lab found out about a board, kept in its EEPROM; protocol/frame.md draws the bytes. */
export interface CalibrationRecord {
  /** Of the calibration, yyyymmdd as an integer. */
  readonly date: number
  /** Of the board: up to 12 printable ASCII characters. */
  readonly serial: string
  /** By ADC input; undefined where it is unused. */
  readonly entries: readonly (CalibrationEntry | undefined)[]
}

/** value = (count - zeroCounts) * scale; uncertainties are standard (k = 1). */
export interface CalibrationEntry {
  readonly kind: 'current' | 'voltage'
  /** Ampere or volt per count; negative for a sensor wired the other way round. */
  readonly scale: number
  readonly scaleURel: number
  readonly zeroCounts: number
  readonly zeroUCounts: number
}

/** Numbers become 32-bit floats. Refuses what decodeCalibrationRecord would. */
export function encodeCalibrationRecord(record: CalibrationRecord): Uint8Array {
  const bytes = new Uint8Array(P.CALIBRATION_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, P.CALIBRATION_MAGIC, true)
  bytes[P.CALIBRATION_AT_LAYOUT] = P.CALIBRATION_LAYOUT
  bytes[P.CALIBRATION_AT_CHANNELS] = P.CALIBRATION_CHANNELS
  view.setUint32(P.CALIBRATION_AT_DATE, record.date, true)
  const problem = serialProblem(record.serial) ?? contentProblem(record)
  if (problem !== undefined) throw new JoulespanError('usage', `calibration record: ${problem}`)
  for (let i = 0; i < record.serial.length; i++) bytes[P.CALIBRATION_AT_SERIAL + i] = record.serial.charCodeAt(i)
  for (const [input, entry] of record.entries.entries()) if (entry !== undefined) writeEntry(view, input, entry)
  view.setUint16(P.CALIBRATION_AT_CRC, crc16(bytes, 0, P.CALIBRATION_AT_CRC), true)
  return bytes
}

/** The 186 bytes of a record; anything that is not a sound one is an error `device-foreign`. */
export function decodeCalibrationRecord(bytes: Uint8Array): CalibrationRecord {
  const problem = frameProblem(bytes)
  if (problem !== undefined) throw foreign(problem)
  const view = viewOf(bytes)
  const serialBytes = bytes.subarray(P.CALIBRATION_AT_SERIAL, P.CALIBRATION_AT_SERIAL + P.SERIAL_NUMBER_BYTES)
  const serial = String.fromCharCode(...serialBytes).replace(/\0+$/, '')
  const record = {
    date: view.getUint32(P.CALIBRATION_AT_DATE, true),
    serial,
    entries: Array.from({ length: P.CALIBRATION_CHANNELS }, (_, input) => readEntry(view, input)),
  }
  const flaw = serialProblem(serial) ?? contentProblem(record)
  if (flaw !== undefined) throw foreign(flaw)
  return record
}

const KINDS = { [P.CHANNEL_CURRENT]: 'current', [P.CHANNEL_VOLTAGE]: 'voltage' } as const

function writeEntry(view: DataView, input: number, entry: CalibrationEntry): void {
  const at = P.CALIBRATION_AT_ENTRIES + input * P.CALIBRATION_ENTRY_BYTES
  view.setUint8(at + P.CALIBRATION_ENTRY_AT_KIND, entry.kind === 'current' ? P.CHANNEL_CURRENT : P.CHANNEL_VOLTAGE)
  view.setFloat32(at + P.CALIBRATION_ENTRY_AT_SCALE, entry.scale, true)
  view.setFloat32(at + P.CALIBRATION_ENTRY_AT_SCALE_U_REL, entry.scaleURel, true)
  view.setFloat32(at + P.CALIBRATION_ENTRY_AT_ZERO_COUNTS, entry.zeroCounts, true)
  view.setFloat32(at + P.CALIBRATION_ENTRY_AT_ZERO_U_COUNTS, entry.zeroUCounts, true)
}

function readEntry(view: DataView, input: number): CalibrationEntry | undefined {
  const at = P.CALIBRATION_AT_ENTRIES + input * P.CALIBRATION_ENTRY_BYTES
  const kind = view.getUint8(at + P.CALIBRATION_ENTRY_AT_KIND)
  if (kind === P.CHANNEL_UNUSED) return undefined
  if (kind !== P.CHANNEL_CURRENT && kind !== P.CHANNEL_VOLTAGE) {
    throw foreign(`input ${input}: expected kind 0, 1 or 2, saw ${kind}`)
  }
  return {
    kind: KINDS[kind],
    scale: view.getFloat32(at + P.CALIBRATION_ENTRY_AT_SCALE, true),
    scaleURel: view.getFloat32(at + P.CALIBRATION_ENTRY_AT_SCALE_U_REL, true),
    zeroCounts: view.getFloat32(at + P.CALIBRATION_ENTRY_AT_ZERO_COUNTS, true),
    zeroUCounts: view.getFloat32(at + P.CALIBRATION_ENTRY_AT_ZERO_U_COUNTS, true),
  }
}

function frameProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length !== P.CALIBRATION_BYTES) return `expected ${P.CALIBRATION_BYTES} bytes, saw ${bytes.length}`
  const view = viewOf(bytes)
  const magic = view.getUint32(0, true)
  if (magic !== P.CALIBRATION_MAGIC) return `expected it to begin with "JSC1", saw ${hex(bytes.subarray(0, 4))}`
  const layout = bytes[P.CALIBRATION_AT_LAYOUT]
  if (layout !== P.CALIBRATION_LAYOUT) return `expected layout ${P.CALIBRATION_LAYOUT}, saw ${layout}`
  const channels = bytes[P.CALIBRATION_AT_CHANNELS]
  if (channels !== P.CALIBRATION_CHANNELS) return `expected ${P.CALIBRATION_CHANNELS} channels, saw ${channels}`
  const stored = view.getUint16(P.CALIBRATION_AT_CRC, true)
  const computed = crc16(bytes, 0, P.CALIBRATION_AT_CRC)
  return stored === computed ? undefined : `expected CRC ${word(computed)}, saw ${word(stored)}`
}

function serialProblem(serial: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(serial) && serial.length <= P.SERIAL_NUMBER_BYTES) return undefined
  return `expected a serial number of up to ${P.SERIAL_NUMBER_BYTES} printable ASCII characters, saw ${JSON.stringify(serial)}`
}

function contentProblem({ date, entries }: CalibrationRecord): string | undefined {
  if (!isDate(date)) return `expected a date as yyyymmdd, saw ${date}`
  if (entries.length !== P.CALIBRATION_CHANNELS)
    return `expected ${P.CALIBRATION_CHANNELS} entries, saw ${entries.length}`
  return entries.map(entryProblem).find((problem) => problem !== undefined)
}

function entryProblem(entry: CalibrationEntry | undefined, input: number): string | undefined {
  if (entry === undefined) return undefined
  const { scale, scaleURel, zeroCounts, zeroUCounts } = entry
  const flaw = (name: string, wanted: string, value: number): string =>
    `input ${input}: expected ${name} to be ${wanted}, saw ${value}`
  // what a 32-bit float holds of it
  if (!Number.isFinite(Math.fround(scale)) || Math.fround(scale) === 0) return flaw('scale', 'finite and not 0', scale)
  if (!Number.isFinite(Math.fround(zeroCounts))) return flaw('zero', 'finite', zeroCounts)
  if (!isUncertainty(scaleURel)) return flaw('uncertainty of scale', 'finite and at least 0', scaleURel)
  return isUncertainty(zeroUCounts) ? undefined : flaw('uncertainty of zero', 'finite and at least 0', zeroUCounts)
}

function isUncertainty(value: number): boolean {
  return Number.isFinite(Math.fround(value)) && value >= 0
}

function isDate(date: number): boolean {
  const [year, month, day] = [Math.floor(date / 1e4), Math.floor(date / 100) % 100, date % 100]
  const time = new Date(Date.UTC(year, month - 1, day))
  return (
    Number.isInteger(date) &&
    year >= 2000 &&
    year <= 9999 &&
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day
  )
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function foreign(problem: string): JoulespanError {
  return new JoulespanError('device-foreign', `calibration record: ${problem}`, {
    hint: 'calibrate the board and write its record anew, or set sensor.calibration: recipe',
  })
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

function word(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`
}
