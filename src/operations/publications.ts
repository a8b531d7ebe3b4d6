import type { QualifiedName } from './definitions.ts'
import type { Was } from './was.ts'

export type PublicationOperation = AlterPublication | CreatePublication | DropPublication

/** A table of a publication, and which part of it is published. */
export interface PublicationTable {
  readonly table: QualifiedName
  /** Default: all columns. */
  readonly columns?: readonly string[]
  /** Default: all rows. */
  readonly where?: string
}

export interface PublicationContents {
  readonly tables?: readonly PublicationTable[]
  /** All tables of these schemas, future ones included. */
  readonly schemas?: readonly string[]
}

export type PublishedChange = 'DELETE' | 'INSERT' | 'TRUNCATE' | 'UPDATE'

export interface PublicationSettings {
  /** Default: all four. */
  readonly publish?: readonly PublishedChange[]
  /** Changes of partitions are published as those of the partitioned table. */
  readonly viaRoot?: boolean
}

export interface PublicationDefinition extends PublicationContents, PublicationSettings {
  /** All tables of the database, future ones included. */
  readonly allTables?: boolean
}

export interface CreatePublication extends PublicationDefinition {
  readonly kind: 'createPublication'
  readonly publication: string
}

export type PublicationChange =
  | { readonly add: PublicationContents }
  | {
      readonly drop: {
        readonly tables?: readonly QualifiedName[]
        readonly schemas?: readonly string[]
      }
    }
  | { readonly set: PublicationContents }
  | { readonly settings: PublicationSettings }

export interface AlterPublication {
  readonly kind: 'alterPublication'
  readonly publication: string
  readonly change: PublicationChange
  /** The publication before it; what the change does not touch may be left out. */
  readonly was?: PublicationDefinition
}

export interface DropPublication {
  readonly kind: 'dropPublication'
  readonly publication: string
  readonly was?: Was<PublicationDefinition>
}
