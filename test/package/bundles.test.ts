import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

// What is loaded for every test file, and for every run: each further file costs all of them.
test.each([
  ['vitest/index', ['./pg-vitest-plugin.js']],
  ['vitest/equip-test-file', []],
  ['vitest/author', ['../errors.js', 'vitest']],
  ['vitest/matchers', ['../errors.js', 'vitest']],
  [
    'vitest/plugin',
    ['../errors.js', '../testing/host/plain-error.js', '../testing/server/socket-folder.js'],
  ],
  [
    'testing/postgres/server-databases',
    ['../../errors.js', '../host/plain-error.js', '../server/socket-folder.js', 'pg', 'tinyexec'],
  ],
])('%s waits for few others', (name, others) => {
  const code = readFileSync(`dist/${name}.js`, 'utf8')
  const imports = [...code.matchAll(/^(?:import|export) (?:[^;'"]*? from )?["']([^"']+)["']/gm)]
    .map(([, specifier = '']) => specifier)
    .filter((specifier) => !specifier.startsWith('node:'))
  expect([...new Set(imports)].toSorted()).toEqual(others)
  // Whoever catches an error knows it by its class, of which there is one.
  expect(code).not.toMatch(/class FaasPgError\b/)
})
