import assert from 'node:assert/strict'
import {describe, it, mock} from 'node:test'
import {uuid} from 'tidemark'

describe('uuid', () => {
  it('is of version 7 and carries the time', () => {
    const before = Date.now()
    const id = uuid()
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const time = parseInt(id.replace('-', '').slice(0, 12), 16)
    assert.ok(time >= before && time <= Date.now() + 1000)
  })

  it('sorts by creation, also within a millisecond and when the clock goes back', () => {
    const clock = mock.method(Date, 'now', () => 4_000_000_000_000)
    const ids = Array.from({length: 10_000}, uuid)
    clock.mock.mockImplementation(() => 3_999_999_000_000)
    ids.push(uuid())
    clock.mock.restore()
    assert.deepEqual(ids, [...ids].sort())
    assert.equal(new Set(ids).size, ids.length)
  })
})
