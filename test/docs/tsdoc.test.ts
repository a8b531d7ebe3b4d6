import { readFileSync } from 'node:fs'

import fastGlob from 'fast-glob'
import { expect, test } from 'vitest'

import { ColumnBuilder } from '../../src/builder/column-builder.ts'
import { ForeignKeyBuilder } from '../../src/builder/foreign-key-builder.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { TableBuilder } from '../../src/builder/table-builder.ts'
import { MigrationDb } from '../../src/migration/migration-db.ts'

const BUILDERS = { SchemaBuilder, TableBuilder, ColumnBuilder, ForeignKeyBuilder, MigrationDb }

/** The text of each class in the sources, by its name. */
const classes = new Map(
  fastGlob
    .sync(['src/builder/**/*.ts', 'src/migration/migration-db.ts'])
    .flatMap((file) => readFileSync(file, 'utf8').split(/^(?=export (?:abstract )?class )/m))
    .flatMap((text) => {
      const [, name] = /^export (?:abstract )?class (\w+)/.exec(text) ?? []
      return name === undefined ? [] : [[name, text.slice(0, text.indexOf('\n}\n'))] as const]
    }),
)

test.for(Object.entries(BUILDERS))('each public method of %s has an example', ([, builder]) => {
  const methods = publicMethods(builder)
  expect(methods.length).toBeGreaterThan(2)
  expect(methods.filter(({ doc }) => !/@example\n\s*\* ```ts\n/.test(doc))).toEqual([])
})

interface Method {
  readonly name: string
  readonly doc: string
}

/** The methods and accessors of a class and those it extends, with the comment above each. */
function publicMethods(builder: { readonly prototype: object; readonly name: string }): Method[] {
  const methods: Method[] = []
  for (
    let prototype: object | null = builder.prototype;
    prototype && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    const text = classes.get(prototype.constructor.name) ?? ''
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const declared = new RegExp(
        String.raw`((?:^ {2}/\*\*(?:(?!\*/)[\s\S])*\*/\n)?)^ {2}((?:override |async |get |protected )*)${name}[<(]`,
        'm',
      ).exec(text)
      const [, doc = '', modifiers = ''] = declared ?? []
      if (name === 'constructor' || modifiers.includes('protected')) continue
      methods.push({ name, doc: doc === '' ? `no comment on ${name}` : doc })
    }
  }
  return methods
}
