import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type CalibrationEntry,
  type CalibrationRecord,
  decodeCalibrationRecord,
  encodeCalibrationRecord,
} from '../../src/calibration/record.ts'
import type { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { crc16 } from '../../src/protocol/crc16.ts'
import { seededRandom } from '../../src/units/random.ts'

const CURRENT: CalibrationEntry = {
  kind: 'current',
  scale: 0.0265,
  scaleURel: 0.003,
  zeroCounts: 509.25,
  zeroUCounts: 0.5,
}
const VOLTAGE: CalibrationEntry = {
  kind: 'voltage',
  scale: 0.0195,
  scaleURel: 0.002,
  zeroCounts: -0.5,
  zeroUCounts: 0.125,
}
const RECORD: CalibrationRecord = {
  date: 20261123,
  serial: 'JS-0042',
  entries: [CURRENT, undefined, VOLTAGE, undefined, undefined, undefined, undefined, undefined],
}

test('the bytes are those drawn in protocol/frame.md', () => {
  const bytes = encodeCalibrationRecord(RECORD)
  const view = new DataView(bytes.buffer)
  assert.is(bytes.length, 186)
  assert.is(String.fromCharCode(...bytes.subarray(0, 4)), 'JSC1')
  assert.equal([...bytes.subarray(4, 8)], [1, 8, 0, 0])
  assert.is(view.getUint32(8, true), 20261123)
  assert.equal([...bytes.subarray(12, 24)], [...'JS-0042'].map((c) => c.charCodeAt(0)).concat([0, 0, 0, 0, 0]))
  assert.equal([...bytes.subarray(24, 28)], [1, 0, 0, 0])
  const floats = [28, 32, 36, 40].map((at) => view.getFloat32(at, true))
  assert.equal(floats, [0.0265, 0.003, 509.25, 0.5].map(Math.fround))
  assert.equal([...bytes.subarray(44, 64)], new Array(20).fill(0))
  assert.is(bytes[64], 2)
  assert.is(view.getFloat32(76, true), -0.5)
  assert.is(view.getUint16(184, true), crc16(bytes, 0, 184))
})

test('a record comes back as it was written, to 32-bit floats', () => {
  assert.equal(decodeCalibrationRecord(encodeCalibrationRecord(RECORD)), rounded(RECORD))
  const random = seededRandom(3)
  for (let i = 0; i < 200; i++) {
    const record = randomRecord(random)
    assert.equal(decodeCalibrationRecord(encodeCalibrationRecord(record)), rounded(record))
  }
})

test('a record is read wherever it lies in a larger buffer', () => {
  const eeprom = new Uint8Array(1024).fill(0xff)
  eeprom.set(encodeCalibrationRecord(RECORD), 16)
  assert.equal(decodeCalibrationRecord(eeprom.subarray(16, 202)), rounded(RECORD))
})

test('any flipped bit is noticed', () => {
  const sound = encodeCalibrationRecord(RECORD)
  for (let bit = 0; bit < sound.length * 8; bit++) {
    const bytes = sound.slice()
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.is(refusal(() => decodeCalibrationRecord(bytes)).code, 'device-foreign', `bit ${bit}`)
  }
})

test('what is no record says why', () => {
  const erased = new Uint8Array(186).fill(0xff)
  assert.is(messageOf(erased), 'calibration record: expected it to begin with "JSC1", saw ff ff ff ff')
  assert.is(messageOf(erased.subarray(0, 185)), 'calibration record: expected 186 bytes, saw 185')
  assert.is(messageOf(forged((bytes) => (bytes[4] = 2))), 'calibration record: expected layout 1, saw 2')
  assert.is(messageOf(forged((bytes) => (bytes[5] = 6))), 'calibration record: expected 8 channels, saw 6')
  const torn = encodeCalibrationRecord(RECORD)
  torn[184] = (torn[184] as number) ^ 0xff
  assert.match(messageOf(torn), /^calibration record: expected CRC 0x[0-9a-f]{4}, saw 0x[0-9a-f]{4}$/)
})

test('a sound checksum over nonsense is refused for what it is', () => {
  const float = (at: number, value: number): Uint8Array =>
    forged((bytes) => new DataView(bytes.buffer).setFloat32(at, value, true))
  const table: [Uint8Array, string][] = [
    [forged((bytes) => (bytes[24 + 20] = 3)), 'input 1: expected kind 0, 1 or 2, saw 3'],
    [float(28, Number.NaN), 'input 0: expected scale to be finite and not 0, saw NaN'],
    [float(28, 0), 'input 0: expected scale to be finite and not 0, saw 0'],
    [float(32, -0.5), 'input 0: expected uncertainty of scale to be finite and at least 0, saw -0.5'],
    [float(36, Number.POSITIVE_INFINITY), 'input 0: expected zero to be finite, saw Infinity'],
    [float(80, Number.NaN), 'input 2: expected uncertainty of zero to be finite and at least 0, saw NaN'],
    [
      forged((bytes) => new DataView(bytes.buffer).setUint32(8, 20261131, true)),
      'expected a date as yyyymmdd, saw 20261131',
    ],
    [
      forged((bytes) => (bytes[12] = 7)),
      'expected a serial number of up to 12 printable ASCII characters, saw "\\u0007S-0042"',
    ],
    [
      forged((bytes) => (bytes[23] = 65)),
      'expected a serial number of up to 12 printable ASCII characters, saw "JS-0042\\u0000\\u0000\\u0000\\u0000A"',
    ],
  ]
  for (const [bytes, problem] of table) assert.is(messageOf(bytes), `calibration record: ${problem}`)
})

test('what an unused input holds does not matter', () => {
  const record = decodeCalibrationRecord(forged((bytes) => bytes.fill(0xff, 24 + 20 + 4, 24 + 40)))
  assert.is(record.entries[1], undefined)
})

test('nothing is written that would not be read', () => {
  const table: [Partial<CalibrationRecord>, string][] = [
    [{ date: 20260230 }, 'expected a date as yyyymmdd, saw 20260230'],
    [{ date: 0 }, 'expected a date as yyyymmdd, saw 0'],
    [
      { serial: 'a serial too long' },
      'expected a serial number of up to 12 printable ASCII characters, saw "a serial too long"',
    ],
    [{ serial: 'Ω' }, 'expected a serial number of up to 12 printable ASCII characters, saw "Ω"'],
    [{ entries: [CURRENT] }, 'expected 8 entries, saw 1'],
    [entry0({ scale: 1e-60 }), 'input 0: expected scale to be finite and not 0, saw 1e-60'],
    [entry0({ scale: 1e60 }), 'input 0: expected scale to be finite and not 0, saw 1e+60'],
    [entry0({ scaleURel: -1 }), 'input 0: expected uncertainty of scale to be finite and at least 0, saw -1'],
    [entry0({ zeroUCounts: Number.NaN }), 'input 0: expected uncertainty of zero to be finite and at least 0, saw NaN'],
  ]
  for (const [part, problem] of table) {
    const error = refusal(() => encodeCalibrationRecord({ ...RECORD, ...part }))
    assert.equal([error.code, error.message], ['usage', `calibration record: ${problem}`])
  }
})

/** The record with bytes changed and a checksum that fits them. */
function forged(change: (bytes: Uint8Array) => unknown): Uint8Array {
  const bytes = encodeCalibrationRecord(RECORD)
  change(bytes)
  new DataView(bytes.buffer).setUint16(184, crc16(bytes, 0, 184), true)
  return bytes
}

function entry0(part: Partial<CalibrationEntry>): Partial<CalibrationRecord> {
  return { entries: [{ ...CURRENT, ...part }, ...RECORD.entries.slice(1)] }
}

function messageOf(bytes: Uint8Array): string {
  return refusal(() => decodeCalibrationRecord(bytes)).message
}

function refusal(act: () => unknown): JoulespanError {
  try {
    act()
  } catch (error) {
    return error as JoulespanError
  }
  throw new Error('expected an error, saw none')
}

function randomRecord(random: () => number): CalibrationRecord {
  const entries = Array.from({ length: 8 }, (): CalibrationEntry | undefined => {
    if (random() < 0.4) return undefined
    const figures = { scale: random() - 0.5, scaleURel: random(), zeroCounts: 1000 * random(), zeroUCounts: random() }
    return { kind: random() < 0.5 ? 'current' : 'voltage', ...figures }
  })
  const serial = String.fromCharCode(
    ...Array.from({ length: Math.floor(random() * 13) }, () => 33 + Math.floor(random() * 94)),
  )
  return { date: 20200101 + 10_000 * Math.floor(random() * 20), serial, entries }
}

function rounded({ date, serial, entries }: CalibrationRecord): CalibrationRecord {
  const round = (entry: CalibrationEntry): CalibrationEntry => ({
    kind: entry.kind,
    scale: Math.fround(entry.scale),
    scaleURel: Math.fround(entry.scaleURel),
    zeroCounts: Math.fround(entry.zeroCounts),
    zeroUCounts: Math.fround(entry.zeroUCounts),
  })
  return { date, serial, entries: entries.map((entry) => entry && round(entry)) }
}

test.run()
