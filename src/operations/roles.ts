/** The roles that SQL has words for. */
export type RoleKeyword = 'CURRENT_ROLE' | 'CURRENT_USER' | 'PUBLIC' | 'SESSION_USER'

/** A role by its name, or one that SQL has a word for. */
export type RoleName = { readonly keyword: RoleKeyword } | { readonly name: string }
