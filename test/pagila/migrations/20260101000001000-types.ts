import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'

export function up(builder: SchemaBuilder): void {
  builder
    .setOwner({ schema: 'public' }, 'postgres', { was: 'pg_database_owner' })
    .revoke('usage', { on: { schema: 'public' }, from: 'PUBLIC' })
    .grant('all', { on: { schema: 'public' }, to: 'PUBLIC' })

    .createDomain('bıgınt', 'bigint')
    .createType('mpaa_rating', ['G', 'PG', 'PG-13', 'R', 'NC-17'])
    .createDomain('year', 'integer', { check: { year_check: 'VALUE >= 1901 AND VALUE <= 2155' } })

    .createFunction('_group_concat', {
      args: ['text', 'text'],
      returns: 'text',
      language: 'sql',
      volatility: 'immutable',
      body: `
SELECT CASE
  WHEN $2 IS NULL THEN $1
  WHEN $1 IS NULL THEN $2
  ELSE $1 || ', ' || $2
END
`,
    })
    .createAggregate('group_concat', {
      args: ['text'],
      stateFunction: '_group_concat',
      stateType: 'text',
    })
    .createFunction('last_updated', {
      returns: 'trigger',
      body: `
BEGIN
    NEW.last_update = CURRENT_TIMESTAMP;
    RETURN NEW;
END `,
    })
}
