import type { DefaultDefinition, QualifiedName } from './definitions.ts'
import type { Was } from './was.ts'

export type DomainOperation =
  | AddDomainCheck
  | CreateDomain
  | DropDomain
  | DropDomainCheck
  | DropDomainDefault
  | RenameDomain
  | RenameDomainCheck
  | SetDomainDefault
  | SetDomainNotNull
  | SetDomainNullable
  | ValidateDomainCheck

/** What the value of a domain must satisfy; the expression calls it `VALUE`. */
export interface DomainCheckDefinition {
  readonly name: string
  readonly expression: string
}

export interface DomainDefinition {
  /** The type below it, as written in SQL. */
  readonly type: string
  readonly nullable: boolean
  readonly default?: DefaultDefinition
  readonly collate?: QualifiedName
  readonly checks: readonly DomainCheckDefinition[]
}

interface OnDomain {
  readonly domain: QualifiedName
}

export interface CreateDomain extends OnDomain, DomainDefinition {
  readonly kind: 'createDomain'
}

export interface DropDomain extends OnDomain {
  readonly kind: 'dropDomain'
  readonly was?: Was<DomainDefinition>
}

export interface RenameDomain extends OnDomain {
  readonly kind: 'renameDomain'
  /** The new name; a domain stays in its schema when it is renamed. */
  readonly to: string
}

/** A check that is added to a domain that is there already. */
export interface AddedDomainCheck extends DomainCheckDefinition {
  /** Values that are stored already are not looked at. */
  readonly notValid?: boolean
}

export interface AddDomainCheck extends OnDomain {
  readonly kind: 'addDomainCheck'
  readonly check: AddedDomainCheck
}

export interface DropDomainCheck extends OnDomain {
  readonly kind: 'dropDomainCheck'
  readonly name: string
  readonly was?: AddedDomainCheck
}

export interface RenameDomainCheck extends OnDomain {
  readonly kind: 'renameDomainCheck'
  readonly from: string
  readonly to: string
}

/** Looks at the stored values that `notValid` has passed over. */
export interface ValidateDomainCheck extends OnDomain {
  readonly kind: 'validateDomainCheck'
  readonly name: string
}

export interface SetDomainDefault extends OnDomain {
  readonly kind: 'setDomainDefault'
  readonly default: DefaultDefinition
  /** The default before; `null` where there was none. */
  readonly was?: DefaultDefinition | null
}

export interface DropDomainDefault extends OnDomain {
  readonly kind: 'dropDomainDefault'
  /** The default before; `null` where there was none. */
  readonly was?: DefaultDefinition | null
}

export interface SetDomainNotNull extends OnDomain {
  readonly kind: 'setDomainNotNull'
}

export interface SetDomainNullable extends OnDomain {
  readonly kind: 'setDomainNullable'
}
