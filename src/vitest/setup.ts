// Vitest runs this file before every test file of a project with the plugin. It is a real file and
// not a virtual module: with `isolate: false` Vitest evaluates virtual ones once per worker, and the
// hooks would be missing from the second file on.
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, vi } from 'vitest'

import { equipTestFile } from './equip-test-file.ts'

await equipTestFile({ afterAll, afterEach, beforeAll, beforeEach, expect, inject, vi })
