// The short form of test/accuracy/campaign.ts.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkTruth, truthText } from '../accuracy/campaign.ts'

test('24 trials on 24 boards: stated uncertainties are right, and no ranking is wrong that is stated', async () => {
  const check = await checkTruth(24, 4)
  console.log(truthText(check))
  assert.is(check.trials, 24)
  assert.ok(check.within2U >= 20, `${check.within2U} within 2 u`)
  assert.ok(check.rms >= 0.6 && check.rms <= 1.4, `rms ${check.rms}`)
  assert.ok(check.apart > 100, `${check.apart} pairs apart`)
  assert.is(check.misranked, 0)
})

test.run()
