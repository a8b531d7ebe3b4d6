// What no transaction and no test may change, by catalog; files and counts may differ.
const CATALOGS: readonly (readonly [row: string, from: string])[] = [
  [
    '(oid, relname, relnamespace, relkind, relpersistence, relowner, relacl, reloptions, relrowsecurity,' +
      ' relforcerowsecurity, relispopulated, relispartition, relpartbound)',
    `pg_class where oid >= 16384 and relnamespace <> all (
      select oid from pg_namespace where nspname ~ '^pg_(toast_)?temp')`,
  ],
  ['x', 'pg_attribute x where attrelid >= 16384'],
  ['x', `pg_namespace x where nspname !~ '^pg_(toast_)?temp'`],
  ['x', 'pg_largeobject x'],
  ['(setconfig, setrole)', 'pg_db_role_setting where setdatabase <> 0'],
  ...[
    'pg_attrdef',
    'pg_auth_members',
    'pg_authid',
    'pg_constraint',
    'pg_description',
    'pg_enum',
    'pg_event_trigger',
    'pg_inherits',
    'pg_largeobject_metadata',
    'pg_policy',
    'pg_proc',
    'pg_publication',
    'pg_publication_rel',
    'pg_rewrite',
    'pg_sequence',
    'pg_statistic_ext',
    'pg_trigger',
    'pg_type',
  ].map((catalog) => ['x', `${catalog} x`] as const),
]

/** Every catalog, row and sequence of a database as text to be compared. */
export async function wholeState(query: (sql: string) => Promise<unknown[]>): Promise<string[]> {
  const catalogs = CATALOGS.map(
    ([row, from]) =>
      `select '${from.split(' ')[0]} ' || count(*) || ' ' || coalesce(md5(string_agg(${row}::text, '|' order by ${row}::text)), '') as fact from ${from}`,
  )
  const relations = (await query(`
    select c.relkind, format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'S', 'm') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'faasjs_pg_baseline')
      and (c.relkind <> 'm' or c.relispopulated)
    order by 2`)) as { relkind: string; name: string }[]
  const contents = relations.map(({ relkind, name }) => {
    const fact =
      relkind === 'S'
        ? `select concat(last_value, ' ', is_called)`
        : `select concat(count(*), ' ', left(string_agg(x::text, '|' order by x::text), 500), ' ', md5(string_agg(x::text, '|' order by x::text)))`
    return `select '${name.replaceAll("'", "''")} ' || (${fact} from ${relkind === 'S' ? '' : 'only '}${name} x)`
  })
  const facts = (await query([...catalogs, ...contents].join(' union all '))) as { fact: string }[]
  return facts.map(({ fact }) => fact)
}
