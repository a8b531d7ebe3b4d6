import { loadPgMem } from '../../src/testing/pg-mem/load-pg-mem.ts'
import { MemoryCore } from '../../src/testing/pg-mem/memory-core.ts'
import { MEMORY_CAPABILITIES, memoryDatabase } from '../../src/testing/pg-mem/memory-database.ts'
import { testDatabase } from './contract.ts'

let refused: string[] = []

class Watched extends MemoryCore {
  override run(...args: Parameters<MemoryCore['run']>): ReturnType<MemoryCore['run']> {
    try {
      return super.run(...args)
    } catch (error) {
      // SQL that is not even words is told apart from what is not emulated.
      const { code } = error as { code?: string }
      if (/^FAASJS_PG_(?:NOT_EMULATED|BAD_SQL)$/.test(code ?? '')) refused.push(String(error))
      throw error
    }
  }
}

testDatabase('pg-mem', async () => memoryDatabase(new Watched(await loadPgMem())), {
  exceptions: MEMORY_CAPABILITIES.exceptions,
  refusals: () => {
    const [...all] = refused
    refused = []
    return all
  },
})
