import { checkIdentifier } from '../../sql/identifier.ts'
import { literal } from '../../sql/literal.ts'
import { extensionDefinition, schemaDefinition } from '../schemas.ts'
import type { ExtensionOptions, SchemaOptions } from '../schemas.ts'
import { commentTarget } from '../targets.ts'
import type { CommentTargetInput } from '../targets.ts'
import { PublicationCalls } from './publication-calls.ts'

/** Schemas, extensions and comments. */
export abstract class DatabaseCalls extends PublicationCalls {
  /**
   * Creates a schema.
   *
   * @param name - Its name; a dot in it is part of the name.
   * @example
   * ```ts
   * builder.createSchema('tenant', { authorization: 'CURRENT_USER' })
   * ```
   */
  createSchema(name: string, options: SchemaOptions = {}): this {
    checkIdentifier(name)
    return this.record({ kind: 'createSchema', schema: name, ...schemaDefinition(options) })
  }

  /**
   * Renames a schema.
   *
   * @example
   * ```ts
   * builder.renameSchema('tenant', 'customer')
   * ```
   */
  renameSchema(from: string, to: string): this {
    checkIdentifier(from)
    checkIdentifier(to)
    return this.record({ kind: 'renameSchema', schema: from, to })
  }

  /**
   * Drops a schema.
   *
   * @param options - `cascade`: with everything in it, which cannot be undone. `was`: what it was,
   *   `{}` where nothing is to be said, so that this can be undone.
   * @example
   * ```ts
   * builder.dropSchema('customer', { was: {} })
   * ```
   */
  dropSchema(
    name: string,
    options: { readonly cascade?: boolean; readonly was?: SchemaOptions } = {},
  ): this {
    checkIdentifier(name)
    return this.record({
      kind: 'dropSchema',
      schema: name,
      ...(options.cascade && { cascade: true }),
      ...(options.was && { was: schemaDefinition(options.was) }),
    })
  }

  /**
   * Creates an extension.
   *
   * @param options - `cascade`: with the extensions that it needs, which cannot be undone; create
   *   these with calls of their own instead.
   * @example
   * ```ts
   * builder.createExtension('citext', { schema: 'public' })
   * ```
   */
  createExtension(
    name: string,
    options: ExtensionOptions & { readonly cascade?: boolean } = {},
  ): this {
    checkIdentifier(name)
    return this.record({
      kind: 'createExtension',
      extension: name,
      ...extensionDefinition(options),
      ...(options.cascade && { cascade: true }),
    })
  }

  /**
   * Drops an extension.
   *
   * @param options - `cascade`: with everything that uses it, which cannot be undone. `was`: what it
   *   was, `{}` where nothing is to be said, so that this can be undone.
   * @example
   * ```ts
   * builder.dropExtension('citext', { was: { schema: 'public' } })
   * ```
   */
  dropExtension(
    name: string,
    options: { readonly cascade?: boolean; readonly was?: ExtensionOptions } = {},
  ): this {
    checkIdentifier(name)
    return this.record({
      kind: 'dropExtension',
      extension: name,
      ...(options.cascade && { cascade: true }),
      ...(options.was && { was: extensionDefinition(options.was) }),
    })
  }

  /**
   * Says something about anything in the database.
   *
   * @param on - `{ table }`, `{ table, column }`, `{ view }`, `{ function, args }`, `{ role }`, …
   * @param text - The comment; null takes it away.
   * @param options - `was`: the comment before it, `null` for none, so that this can be undone. What
   *   was made in the same migration needs it not.
   * @example
   * ```ts
   * builder.comment({ table: 'users' }, 'who can log in')
   * builder.comment({ table: 'users', column: 'email' }, 'lower case', { was: 'unique' })
   * ```
   */
  comment(
    on: CommentTargetInput,
    text: string | null,
    options: { readonly was?: string | null } = {},
  ): this {
    literal(text)
    if (options.was !== undefined) literal(options.was)
    return this.record({
      kind: 'comment',
      on: commentTarget(on),
      text,
      ...(options.was !== undefined && { was: options.was }),
    })
  }
}
