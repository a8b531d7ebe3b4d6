import { checkIdentifier } from '../../sql/identifier.ts'
import { eventTriggerDefinition } from '../event-triggers.ts'
import type { EventTriggerOptions } from '../event-triggers.ts'
import { publicationChange, publicationDefinition } from '../publications.ts'
import type { PublicationChangeInput, PublicationOptions } from '../publications.ts'
import { SequenceCalls } from './sequence-calls.ts'

/** What concerns all of a database: publications and event triggers. */
export abstract class PublicationCalls extends SequenceCalls {
  /**
   * Creates a publication: which changes logical replication sends.
   *
   * @param options - Without tables, schemas and `allTables` it publishes nothing yet.
   * @example
   * ```ts
   * builder.createPublication('orders', {
   *   tables: ['orders', { table: 'users', columns: ['id', 'name'], where: 'active' }],
   *   publish: ['insert', 'update'],
   * })
   * ```
   */
  createPublication(name: string, options: PublicationOptions = {}): this {
    checkIdentifier(name)
    return this.record({
      kind: 'createPublication',
      publication: name,
      ...publicationDefinition(options),
    })
  }

  /**
   * Changes what a publication publishes, or how.
   *
   * @param change - One of `{ add }`, `{ drop }`, `{ set }`, or settings.
   * @param options - `was`: the publication before it, as far as the change replaces it; `add` can be
   *   undone without.
   * @example
   * ```ts
   * builder.alterPublication('orders', { add: { tables: ['invoices'] } })
   * builder.alterPublication('orders', { publish: ['insert'] }, { was: { publish: ['insert', 'update'] } })
   * ```
   */
  alterPublication(
    name: string,
    change: PublicationChangeInput,
    options: { readonly was?: PublicationOptions } = {},
  ): this {
    checkIdentifier(name)
    return this.record({
      kind: 'alterPublication',
      publication: name,
      change: publicationChange(change),
      ...(options.was && { was: publicationDefinition(options.was) }),
    })
  }

  /**
   * Drops a publication.
   *
   * @param options - `was`: its definition, so that this can be undone.
   * @example
   * ```ts
   * builder.dropPublication('orders', { was: { tables: ['orders'] } })
   * ```
   */
  dropPublication(name: string, options: { readonly was?: PublicationOptions } = {}): this {
    checkIdentifier(name)
    return this.record({
      kind: 'dropPublication',
      publication: name,
      ...(options.was && { was: publicationDefinition(options.was) }),
    })
  }

  /**
   * Creates a trigger on changes of the schema, or on logins. Superusers only.
   *
   * @example
   * ```ts
   * builder.createEventTrigger('audit_ddl', {
   *   on: 'ddl_command_end',
   *   execute: 'audit.log_ddl',
   *   tags: ['CREATE TABLE', 'DROP TABLE'],
   * })
   * ```
   */
  createEventTrigger(name: string, options: EventTriggerOptions): this {
    checkIdentifier(name)
    return this.record({
      kind: 'createEventTrigger',
      eventTrigger: name,
      ...eventTriggerDefinition(options),
    })
  }

  /**
   * Drops an event trigger.
   *
   * @param options - `was`: its definition, so that this can be undone.
   * @example
   * ```ts
   * builder.dropEventTrigger('audit_ddl')
   * ```
   */
  dropEventTrigger(name: string, options: { readonly was?: EventTriggerOptions } = {}): this {
    checkIdentifier(name)
    return this.record({
      kind: 'dropEventTrigger',
      eventTrigger: name,
      ...(options.was && { was: eventTriggerDefinition(options.was) }),
    })
  }
}
