import { recording } from '../../src/builder/recorded.ts'
import type { Operation } from '../../src/operations/operation.ts'

// Proves that operations are plain data: whatever is lost on this way makes a test fail.
recording.transform = (operation) => JSON.parse(JSON.stringify(operation)) as Operation
