import type { DropTouchOnUpdate, TouchOnUpdate } from '../operations/triggers.ts'
import { touchName } from '../operations/triggers.ts'
import { dollarQuoted } from './dollar-quoted.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'

/**
 * The function lives in the schema of the table, found by the server: the table's name may come
 * without it. A PL/pgSQL body is not checked for columns, so the block looks for the column itself.
 */
export function touchOnUpdate({ table, column }: TouchOnUpdate): string {
  const body = `BEGIN NEW.${identifier(column)} := pg_catalog.now(); RETURN NEW; END`
  return `DO ${dollarQuoted(
    `
DECLARE
  target constant regclass := ${literal(qualifiedName(table))};
  touch constant name := ${literal(touchName(column))};
  home record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute
    WHERE attrelid = target AND attname = ${literal(column)} AND attnum > 0 AND NOT attisdropped) THEN
    RAISE undefined_column USING MESSAGE = format('column %I of %s does not exist', ${literal(column)}, target);
  END IF;
  SELECT n.oid, n.nspname INTO home
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target;
  IF NOT EXISTS (SELECT FROM pg_proc
    WHERE proname = touch AND pronamespace = home.oid AND pronargs = 0) THEN
    EXECUTE format('CREATE FUNCTION %I.%I() RETURNS trigger LANGUAGE plpgsql AS %L',
      home.nspname, touch, ${literal(body)});
  END IF;
  EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %I.%I()',
    touch, target, home.nspname, touch);
END
`,
    'do',
  )}`
}

export function dropTouchOnUpdate({ table, column }: DropTouchOnUpdate): string {
  const name = touchName(column)
  const target = qualifiedName(table)
  return `DO ${dollarQuoted(
    `
DECLARE
  touch constant regprocedure := (SELECT tgfoid FROM pg_trigger
    WHERE tgrelid = ${literal(target)}::regclass AND tgname = ${literal(name)});
BEGIN
  DROP TRIGGER ${identifier(name)} ON ${target};
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = touch) THEN
    EXECUTE format('DROP FUNCTION %s', touch);
  END IF;
END
`,
    'do',
  )}`
}
