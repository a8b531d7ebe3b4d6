import { identifier } from '../../../src/sql/identifier.ts'
import type { Change } from '../world.ts'

/** Enums, composite types, ranges and domains, changed within the step that makes them. */
export const typeChanges: Change[] = [
  (builder, _world, { name, pick }) => {
    builder
      .createType(name, ['a', 'b', 'c'])
      .createTable(`${name}_t`, (table) => table.specificType('e', identifier(name)).defaultTo('a'))
      .renameTypeValue(name, 'c', 'd')
      .addTypeValue(name, 'e', pick % 2 === 0 ? { before: 'a' } : { after: 'b' })
      .replaceType(name, ['a', 'b', 'z'], {
        map: { d: 'z', e: 'z' },
        was: pick % 2 === 0 ? ['e', 'a', 'b', 'd'] : ['a', 'b', 'e', 'd'],
      })
  },
  (builder, _world, { name, pick }) => {
    builder
      .createCompositeType(name, { x: 'integer', y: 'text' })
      .addTypeAttribute(name, 'z', 'uuid')
      .renameTypeAttribute(name, 'z', 'w')
      .dropTypeAttribute(name, 'w', { was: 'uuid' })
      .alterTypeAttribute(name, 'y', 'varchar(10)', { was: 'text' })
      .createRange(`${name}_r`, { subtype: 'float8' })
    if (pick % 2 === 0) builder.dropType(`${name}_r`)
  },
  (builder, _world, { name, pick }) => {
    builder
      .createDomain(name, 'integer', { nullable: false })
      .setDomainNullable(name)
      .setDomainDefault(name, 5, { was: { noDefault: true } })
      .dropDomainDefault(name, { was: { defaultValue: 5 } })
      .addDomainCheck(name, `${name}_k`, 'VALUE > 0', { notValid: true })
      .validateDomainCheck(name, `${name}_k`)
      .renameDomainCheck(name, `${name}_k`, `${name}_l`)
    if (pick % 2 === 0) builder.dropDomainCheck(name, `${name}_l`, { was: 'VALUE > 0' })
    if (pick % 3 === 0) builder.setDomainNotNull(name)
  },
]
