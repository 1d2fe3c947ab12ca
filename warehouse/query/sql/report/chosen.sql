-- The articles of the scope, without their texts; the larger sources and outlets by name; the state
-- of items.

CREATE OR REPLACE TEMP TABLE chosen AS
SELECT r.article_id, r.source, r.site, r.language, r.word_count, r.published_at, r.revision,
    r.content_hash, r.cleaner_version, r.run_id, s.first_seen_at, s.last_seen_at, s.duplicate_of,
    s.gone_at, coalesce(r.host, host_of(r.url), r.site, r.source) AS outlet
FROM revisions r JOIN sightings s USING (article_id), scope
WHERE r.is_current
  AND (scope.sources IS NULL OR list_contains(scope.sources, r.source))
  AND (scope.since IS NULL OR s.first_seen_at >= scope.since);

-- eight colours can be told apart: seven sources, and the others together
CREATE OR REPLACE TEMP TABLE labels AS
SELECT source, CASE WHEN place <= 7 THEN source END AS label
FROM (
    SELECT source, row_number() OVER (ORDER BY count(*) DESC, source) AS place
    FROM chosen GROUP BY source);

CREATE OR REPLACE TEMP TABLE outlet_labels AS
SELECT outlet, CASE WHEN place <= 7 THEN outlet END AS label
FROM (
    SELECT outlet, row_number() OVER (ORDER BY count(*) DESC, outlet) AS place
    FROM chosen GROUP BY outlet);

CREATE OR REPLACE TEMP TABLE fates AS
SELECT l.source, l.run_id, l.fate, count(*) AS items, max(l.observed_at) AS observed_at
FROM ledger l JOIN runs r USING (run_id), scope
WHERE r.counted AND (scope.sources IS NULL OR list_contains(scope.sources, l.source))
GROUP BY ALL;

-- an item that was not read again is what it was when it was read
CREATE OR REPLACE TEMP TABLE items AS
SELECT l.source, l.item_id, max(l.observed_at) AS last_seen_at,
    arg_max(l.fate, (l.observed_at, l.run_id))
        FILTER (l.fate NOT IN ('unchanged', 'not_modified')) AS fate,
    arg_max(l.article_id, (l.observed_at, l.run_id))
        FILTER (l.article_id IS NOT NULL) AS article_id
FROM ledger l JOIN runs r USING (run_id), scope
WHERE r.counted AND (scope.sources IS NULL OR list_contains(scope.sources, l.source))
GROUP BY l.source, l.item_id
HAVING max(l.observed_at) >= coalesce(any_value(scope.since), '-infinity'::TIMESTAMPTZ);
