import { expect, test } from 'vitest'

import { redactUrl } from '../../src/database/redact-url.ts'

test.each([
  ['postgres://app:secret@db.example:5432/shop', 'postgres://app:***@db.example:5432/shop'],
  ['postgresql://app:se%40cret@h/d?sslmode=require', 'postgresql://app:***@h/d?sslmode=require'],
  ['postgres://:secret@h/d', 'postgres://:***@h/d'],
  ['postgres://app@h/d', 'postgres://app@h/d'],
  ['postgres://h/d', 'postgres://h/d'],
  ['postgres://h/d?user=a&password=secret&port=1', 'postgres://h/d?user=a&password=***&port=1'],
  ['postgres://h/d?sslpassword=secret', 'postgres://h/d?sslpassword=***'],
  ['mysql://root:secret@h/d', 'mysql://root:***@h/d'],
  // Passwords that should have been encoded.
  ['postgres://app:sec@ret@h/d', 'postgres://app:***@h/d'],
  ['postgres://app:sec/ret@h/d', 'postgres://app:***@h/d'],
  ['postgres://app:sec?ret#x@h/d', 'postgres://app:***@h/d'],
  ['postgres://app:secret\n@h/d', 'postgres://app:***@h/d'],
  ['POSTGRES://app:secret@h/d', 'POSTGRES://app:***@h/d'],
  ['pglite:./.data/dev', 'pglite:./.data/dev'],
  ['./.data', './.data'],
  ['', ''],
])('%j becomes %j', (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted)
})
