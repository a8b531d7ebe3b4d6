import type { ReplaceType } from '../operations/enums.ts'
import { generatedName } from '../operations/generated-name.ts'
import { dollarQuoted } from './dollar-quoted.ts'
import { qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'

/**
 * One block that makes an enum anew under its name. PostgreSQL can neither take a value away nor put
 * values in another order, and it parses expressions on a column anew when the column's type
 * changes, so those that speak of the type are taken away first and come back at the end.
 */
export function replaceType({ type, values, map = {} }: ReplaceType): string {
  const labels = values.map(literal).join(', ')
  return `DO ${dollarQuoted(
    `
DECLARE
  old_type CONSTANT regtype := ${literal(qualifiedName(type))};
  new_labels CONSTANT text[] := ARRAY[${labels}];
  new_label CONSTANT jsonb := ${literal(JSON.stringify(map))};
  aside CONSTANT name := ${literal(generatedName([type.name, 'replaced']))};${BODY}`,
    'do',
  )}`
}

/** The columns to convert; those of partitions and children follow their parents. */
const COLUMNS = `pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE a.atttypid IN (old_type, old_array) AND NOT a.attisdropped AND a.attinhcount = 0
      AND c.relkind IN ('r', 'p')`

/** A comment that a constraint or an index loses when it is created anew. */
const commentOn = (kind: string, target: string, oid: string, catalog: string): string =>
  `coalesce('; COMMENT ON ${kind} ' || ${target} || ' IS ' || quote_literal(obj_description(${oid}, '${catalog}')), '')`

/*
 * Labels are converted in arrays, a single one in an array of its own. Each goes by way of a mark
 * that is too long for a label, so that the result of one replacement is not taken for the next.
 */
const BODY = String.raw`
  old_array CONSTANT regtype := (SELECT typarray FROM pg_type WHERE oid = old_type);
  old_name CONSTANT text := old_type::text;
  new_name CONSTANT text := (SELECT format('%s.%I', typnamespace::regnamespace, typname)
    FROM pg_type WHERE oid = old_type);
  lost_labels CONSTANT text[] := ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = old_type
    AND enumlabel <> ALL (new_labels) AND NOT new_label ? enumlabel);
  opening CONSTANT text := (SELECT repeat('array_replace(', 2 * count(*)::integer)
    FROM jsonb_each_text(new_label));
  closing CONSTANT text := (SELECT concat(
      string_agg(format(', %L, %L)', key, repeat('-', 64) || key), ''),
      string_agg(format(', %L, %L)', repeat('-', 64) || key, value), ''))
    FROM jsonb_each_text(new_label));
  token_pattern CONSTANT text := format(
    $re$(('(?:[^']|'')*')::%s(\[\])?(?![\w."$])|'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]+)$re$,
    regexp_replace(old_name, '[].*+?(){}|^$\\[]', '\\\&', 'g'));
  before pg_type;
  held jsonb;
  part record;
  token text[];
  labels text[];
  label text;
  statement text;
BEGIN
  SELECT * INTO STRICT before FROM pg_type WHERE oid = old_type;
  IF before.typtype <> 'e' THEN
    RAISE wrong_object_type USING MESSAGE = format('type %s is not an enum', old_name);
  END IF;
  FOR label IN SELECT key FROM jsonb_each(new_label) WHERE key NOT IN
    (SELECT enumlabel FROM pg_enum WHERE enumtypid = old_type) LOOP
    RAISE invalid_parameter_value
      USING MESSAGE = format('type %s has no value "%s" that could be mapped', old_name, label);
  END LOOP;

  -- What speaks of the type: taken away here, created again at the end.
  WITH users AS (
    SELECT classid, objid FROM pg_depend
    WHERE refclassid = 'pg_type'::regclass AND refobjid IN (old_type, old_array)
  ), parts AS (
    SELECT 1 AS rank, format('the default of column %I of table %s', attname, attrelid::regclass) AS place,
      format('ALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT', attrelid::regclass, attname) AS dropping,
      format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s', attrelid::regclass, attname,
        pg_get_expr(adbin, adrelid)) AS creating
    FROM pg_attrdef AS d JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE attgenerated = '' AND (atttypid IN (old_type, old_array)
      OR ('pg_attrdef'::regclass, d.oid) IN (SELECT classid, objid FROM users))
    UNION ALL
    SELECT 2, format('index %s', indexrelid::regclass), format('DROP INDEX %s', indexrelid::regclass),
      regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE.*?) ON ONLY ', '\1 ON ')
        || ${commentOn('INDEX', 'indexrelid::regclass', 'indexrelid', 'pg_class')}
    FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
    WHERE ('pg_class'::regclass, indexrelid) IN (SELECT classid, objid FROM users)
      AND NOT relispartition
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype = 'x')
    UNION ALL
    SELECT CASE contype WHEN 'f' THEN 4 ELSE 3 END,
      format('constraint %I of table %s', conname, conrelid::regclass),
      format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
        || ${commentOn('CONSTRAINT', `format('%I ON %s', conname, conrelid::regclass)`, 'k.oid', 'pg_constraint')}
    FROM pg_constraint AS k
    WHERE conrelid <> 0 AND coninhcount = 0 AND conparentid = 0 AND (
      (contype = 'c' AND ('pg_constraint'::regclass, k.oid) IN (SELECT classid, objid FROM users))
      OR (contype = 'x' AND ('pg_class'::regclass, conindid) IN (SELECT classid, objid FROM users))
      OR (contype = 'f' AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = conrelid
        AND attnum = ANY (conkey) AND atttypid IN (old_type, old_array))))
  )
  SELECT coalesce(jsonb_agg(to_jsonb(parts) ORDER BY rank), '[]') INTO held FROM parts;
  FOR part IN SELECT * FROM jsonb_to_recordset(held) AS x (dropping text) LOOP
    EXECUTE part.dropping;
  END LOOP;

  IF lost_labels <> '{}' THEN
    FOR part IN SELECT a.attname, a.attrelid::regclass AS target,
      format(CASE a.atttypid WHEN old_array THEN 's.%I' ELSE 'ARRAY[s.%I]' END, a.attname) AS list
    FROM ${COLUMNS} LOOP
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', part.target);
      EXECUTE format('SELECT u.label::text FROM %s AS s, unnest(%s) AS u (label)
        WHERE u.label::text = ANY ($1) LIMIT 1', part.target, part.list) INTO label USING lost_labels;
      IF label IS NOT NULL THEN
        RAISE invalid_text_representation USING MESSAGE =
          format('value "%s" of type %s is neither kept nor mapped, and column %I of table %s has it',
            label, old_name, part.attname, part.target);
      END IF;
    END LOOP;
  END IF;

  EXECUTE format('ALTER TYPE %s RENAME TO %I', new_name, aside);
  EXECUTE format('CREATE TYPE %s AS ENUM (%s)', new_name,
    (SELECT string_agg(quote_literal(v), ', ' ORDER BY n) FROM unnest(new_labels) WITH ORDINALITY AS x (v, n)));
  -- All columns of a table in one statement: a constraint may compare two of them.
  FOR part IN SELECT a.attrelid::regclass AS target, string_agg(format(CASE a.atttypid
      WHEN old_array THEN 'ALTER COLUMN %1$I TYPE %2$s[] USING (%3$s%1$I::text[]%4$s)::%2$s[]'
      ELSE 'ALTER COLUMN %1$I TYPE %2$s USING ((%3$sARRAY[%1$I::text]%4$s)[1])::%2$s' END,
      a.attname, new_name, opening, closing), ', ' ORDER BY a.attnum) AS changes
    FROM ${COLUMNS} GROUP BY a.attrelid LOOP
    EXECUTE format('ALTER TABLE %s %s', part.target, part.changes);
  END LOOP;

  FOR part IN SELECT * FROM jsonb_to_recordset(held) AS x (place text, creating text) LOOP
    statement := '';
    FOR token IN SELECT regexp_matches(part.creating, token_pattern, 'g') LOOP
      IF token[2] IS NULL THEN
        statement := statement || token[1];
        CONTINUE;
      END IF;
      label := replace(substr(token[2], 2, length(token[2]) - 2), '''''', '''');
      labels := CASE WHEN token[3] IS NULL THEN ARRAY[label] ELSE label::text[] END;
      EXECUTE format('SELECT %s$1%s', opening, closing) INTO labels USING labels;
      FOR label IN SELECT v FROM unnest(labels) AS x (v) WHERE v <> ALL (new_labels) LOOP
        RAISE invalid_text_representation USING MESSAGE =
          format('value "%s" of type %s is neither kept nor mapped, and %s has it', label, old_name, part.place);
      END LOOP;
      statement := format('%s%L::%s%s', statement,
        CASE WHEN token[3] IS NULL THEN labels[1] ELSE labels::text END, new_name, token[3]);
    END LOOP;
    EXECUTE statement;
  END LOOP;

  IF before.typowner <> current_user::regrole THEN
    EXECUTE format('ALTER TYPE %s OWNER TO %I', new_name, pg_get_userbyid(before.typowner));
  END IF;
  IF before.typacl IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON TYPE %s FROM PUBLIC', new_name);
    FOR part IN SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
      CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS with_option
    FROM aclexplode(before.typacl) WHERE grantee <> before.typowner LOOP
      EXECUTE format('GRANT USAGE ON TYPE %s TO %s%s', new_name, part.grantee, part.with_option);
    END LOOP;
  END IF;
  IF obj_description(old_type, 'pg_type') IS NOT NULL THEN
    EXECUTE format('COMMENT ON TYPE %s IS %L', new_name, obj_description(old_type, 'pg_type'));
  END IF;
  BEGIN
    EXECUTE format('DROP TYPE %s.%I', before.typnamespace::regnamespace, aside);
  EXCEPTION WHEN dependent_objects_still_exist THEN
    GET STACKED DIAGNOSTICS statement = PG_EXCEPTION_DETAIL;
    RAISE dependent_objects_still_exist USING
      MESSAGE = format('cannot replace type %s because other objects depend on it', old_name),
      DETAIL = replace(statement, old_type::text, old_name);
  END;
END
`
