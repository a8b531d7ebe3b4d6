import { literal } from '../../sql/literal.ts'
import { type Engine, queryEngine } from './engine.ts'

const KEY = `pg_catalog.format('%s:%s:%s:%s', l.classid, l.objid, l.objsubid, l.mode)`
const HELD = `pg_catalog.pg_locks l WHERE l.locktype = 'advisory'`

/** Keys of all advisory locks that the session holds. */
export async function advisoryLocks(engine: Engine): Promise<string[]> {
  const rows = await queryEngine(engine, `SELECT ${KEY} FROM ${HELD}`)
  return rows.map(([key]) => key ?? '')
}

/** Releases these locks, however often they were taken. */
export async function releaseAdvisoryLocks(engine: Engine, keys: Iterable<string>): Promise<void> {
  const list = [...keys].map(literal).join(', ')
  if (list === '') return
  // Two keys of 32 bits, or one of 64: as the lock table stores them.
  await queryEngine(
    engine,
    `DO $$
DECLARE held record;
BEGIN
  LOOP
    SELECT l.* INTO held FROM ${HELD} AND ${KEY} IN (${list}) LIMIT 1;
    EXIT WHEN NOT FOUND;
    CASE
    WHEN held.objsubid = 1 AND held.mode = 'ExclusiveLock' THEN
      PERFORM pg_catalog.pg_advisory_unlock((held.classid::bigint << 32) | held.objid::bigint);
    WHEN held.objsubid = 1 THEN
      PERFORM pg_catalog.pg_advisory_unlock_shared((held.classid::bigint << 32) | held.objid::bigint);
    WHEN held.mode = 'ExclusiveLock' THEN
      PERFORM pg_catalog.pg_advisory_unlock(
        held.classid::bigint::bit(32)::int, held.objid::bigint::bit(32)::int);
    ELSE
      PERFORM pg_catalog.pg_advisory_unlock_shared(
        held.classid::bigint::bit(32)::int, held.objid::bigint::bit(32)::int);
    END CASE;
  END LOOP;
END $$`,
  )
}
