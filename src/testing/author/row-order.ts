/**
 * What the rows of a table are to be ordered by, an expression a row: the columns of its key, or, where that says
 * nothing of the order, all columns: what was written first, times after it, and what chance has made last.
 */
export const ROW_ORDER = `
WITH columns AS (
  SELECT quote_ident(a.attname) AS name, a.attnum AS number, t.typname = 'uuid' AS random,
    t.typcategory = 'D' AS timely
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
), keys AS (
  SELECT c.name, k.position, c.random
  FROM pg_index i
  CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (number, position)
  JOIN columns c ON c.number = k.number
  WHERE i.indrelid = to_regclass($1) AND i.indisprimary
), telling AS (SELECT name, position FROM keys WHERE NOT EXISTS (SELECT FROM keys WHERE random))
SELECT key FROM (
  SELECT name AS key, 0 AS rank, position FROM telling
  UNION ALL
  SELECT CASE WHEN random OR timely THEN name ELSE name || '::text COLLATE "C"' END,
    CASE WHEN random THEN 2 WHEN timely THEN 1 ELSE 0 END, number
  FROM columns WHERE NOT EXISTS (SELECT FROM telling)
) found ORDER BY rank, position`
