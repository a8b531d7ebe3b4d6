import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database } from '../../src/database/database.ts'
import { tableShape } from '../helpers/table-shape.ts'

export const users = (m: SchemaBuilder): unknown =>
  m.createSchema('auth').createTable('auth.user', (t) => {
    t.id()
    t.string('email', 255).unique()
    t.string('username', 50)
  })

export const postShape = (database: Database): Promise<string> => tableShape(database, 'auth.post')
