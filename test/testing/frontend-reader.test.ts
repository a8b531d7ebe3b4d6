import fc from 'fast-check'
import { expect, test } from 'vitest'

import { FrontendReader } from '../../src/testing/server/frontend-reader.ts'
import { frontend, startupPacket } from './raw-client.ts'

const anyMessage = fc.oneof(
  fc.string().map((sql) => frontend.query(sql.replaceAll('\0', ''))),
  fc.constant(frontend.sync),
  fc.string({ minLength: 1000, maxLength: 5000 }).map((text) => frontend.copyData(text)),
)

test('cuts the same messages out of whatever pieces they arrive in', () => {
  fc.assert(
    fc.property(fc.array(anyMessage), fc.array(fc.integer({ min: 1, max: 700 })), (sent, cuts) => {
      const reader = new FrontendReader()
      const bytes = Buffer.concat([startupPacket({ user: 'a' }), ...sent])
      const received: Buffer[] = []
      let startup: Buffer | undefined
      let offset = 0
      for (const size of [...cuts, bytes.length]) {
        if (offset < bytes.length) reader.push(bytes.subarray(offset, offset + size))
        offset += size
        startup ??= reader.nextStartup()
        for (let next = startup && reader.nextMessage(); next; next = reader.nextMessage()) {
          received.push(Buffer.from(next.bytes))
        }
      }
      expect(startup?.length).toBe(startupPacket({ user: 'a' }).length - 4)
      expect(received).toEqual(sent)
      expect(reader.rest()).toHaveLength(0)
    }),
  )
})

test('arbitrary bytes give messages, nothing, or a protocol violation', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = new FrontendReader()
      reader.push(Buffer.from(bytes))
      try {
        for (let next = reader.nextMessage(); next; next = reader.nextMessage()) {
          expect(next.bytes.length).toBeGreaterThanOrEqual(5)
        }
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringMatching(/^invalid /) })
      }
    }),
  )
})
