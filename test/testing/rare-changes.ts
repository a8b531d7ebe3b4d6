/** What few schemas have. Who may not make all of it is no superuser. */
export const RARE_THINGS = `
create table numbered (id serial);
create aggregate total (int) (sfunc = int4pl, stype = int);
create text search configuration words (copy = simple);`

export const RARE_THINGS_OF_SUPERUSERS = `
create publication everything;
create operator family family using btree;
create foreign data wrapper wrapper;
create server elsewhere foreign data wrapper wrapper;
create foreign table distant (id int) server elsewhere;
create user mapping for public server elsewhere;
create function helper() returns int language sql as 'select 1';
create text search parser parser (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end,
  lextypes = prsd_lextype);
create conversion strange for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;`

/** Changes of the schema that leave a trace in one catalog only. */
export const RARE_CHANGES: readonly string[] = [
  `comment on schema public is 'mine'`,
  'alter sequence numbered_id_seq owned by none',
  'create or replace aggregate total (int) (sfunc = int4mul, stype = int)',
  'alter text search configuration words drop mapping for asciiword',
  'alter text search configuration words rename to texts',
]

export const RARE_CHANGES_OF_SUPERUSERS: readonly string[] = [
  'alter operator family family using btree add operator 1 < (int4, int4)',
  'alter operator family family using btree rename to families',
  'create operator family other using btree',
  `alter foreign table distant options (add path 'x')`,
  `alter user mapping for public server elsewhere options (add name 'x')`,
  'create user mapping for current_user server elsewhere',
  'create transform for int language plpgsql (from sql with function numeric_support(internal))',
  'alter text search dictionary simple (accept = false)',
  'create text search template template (lexize = dsimple_lexize)',
  `create text search parser other (start = prsd_start, gettoken = prsd_nexttoken,
     end = prsd_end, lextypes = prsd_lextype)`,
  'alter text search parser parser rename to reader',
  'alter function helper() depends on extension plpgsql',
  'alter extension plpgsql add function helper()',
  'alter conversion strange rename to stranger',
]

/** Since PostgreSQL 15. */
export const SCHEMA_PUBLISHED = 'alter publication everything add tables in schema public'
