-- Writes what belongs to the revisions that publish_write.sql has written: cuts, sightings, sources.
-- In: staying, coming, standing, changed, marked, fresh, looks, lake_cuts. Out: cuts_gone, seen_now.

-- cuts go with the stored text
CREATE OR REPLACE TEMP TABLE cuts_wanted AS
SELECT DISTINCT article_id, stored_as, content_hash, cleaner_version, run_id
FROM (FROM staying UNION ALL BY NAME FROM coming);

-- most often nothing is gone, and cuts are many: whoever runs this looks, and deletes them
CREATE OR REPLACE TEMP TABLE cuts_gone AS
SELECT DISTINCT article_id, content_hash, cleaner_version, run_id FROM standing
WHERE article_id IN (SELECT article_id FROM changed)
  AND (article_id, content_hash, cleaner_version, run_id) NOT IN (
    SELECT (article_id, content_hash, cleaner_version, run_id) FROM cuts_wanted);

INSERT INTO compact.cut_lists BY NAME
SELECT * EXCLUDE (listed), len(listed) AS number,
    list_transform(listed, lambda cut: struct_pack(
        "position" := cut."position", kind := cut.kind, rule := cut.rule, score := cut.score))
        AS passages,
    joined_texts(list_transform(listed, lambda cut: cut.text)) AS texts
FROM (
    SELECT n.article_id, c.content_hash, c.cleaner_version, c.run_id, c.item_id,
        list_sort(list(struct_pack("position" := c."position", kind := c.kind, rule := c.rule,
            score := c.score, text := c.text))) AS listed
    FROM lake_cuts c
    JOIN (FROM cuts_wanted EXCEPT FROM cuts_there) n
        ON c.article_id = n.stored_as AND c.content_hash = n.content_hash
        AND c.cleaner_version = n.cleaner_version AND c.run_id = n.run_id
    GROUP BY ALL)
ORDER BY article_id, content_hash;

DELETE FROM sightings
WHERE article_id IN (SELECT article_id FROM marked UNION ALL SELECT article_id FROM changed);
CREATE OR REPLACE TEMP TABLE seen_now AS
WITH observed AS (
    SELECT article_id, min(observed_at) AS first_seen_at, max(observed_at) AS last_seen_at,
        count(DISTINCT (observed_at, item_id)) AS times
    FROM marked GROUP BY article_id
), taken_down AS (
    SELECT f.article_id, min(l.observed_at) AS gone_at
    FROM fresh f
    JOIN observed o USING (article_id)
    JOIN looks l ON l.item_id = f.item_id
    WHERE f.is_current AND l.fate = 'gone' AND l.observed_at > o.last_seen_at
      AND l.run_id IN (SELECT run_id FROM counted)
    GROUP BY f.article_id
)
SELECT o.*, CAST(NULL AS VARCHAR) AS duplicate_of, t.gone_at
FROM observed o LEFT JOIN taken_down t USING (article_id);
INSERT INTO sightings BY NAME FROM seen_now;

-- a source's row moves by what the new runs say of their items, and the articles that changed
CREATE OR REPLACE TEMP TABLE sources_now AS
WITH told AS (
    SELECT source, item_id, observed_at, run_id, fate,
        run_id IN (SELECT run_id FROM new_runs) AS is_new
    FROM looks WHERE item_id IN (SELECT item_id FROM lake_ledger)
), items AS (
    SELECT source, bool_and(is_new) AS is_new,
        min(observed_at) AS first_seen_at, max(observed_at) AS last_seen_at,
        arg_max(fate, struct_pack(observed_at, run_id)) AS fate,
        arg_max(fate, struct_pack(observed_at, run_id)) FILTER (NOT is_new) AS fate_before
    FROM told GROUP BY source, item_id
), moves AS (
    FROM sources
    UNION ALL BY NAME
    SELECT source, count(*) FILTER (is_new) AS items,
        count(*) FILTER (fate = 'rejected') - count(*) FILTER (fate_before = 'rejected')
            AS rejected,
        count(*) FILTER (fate = 'failed') - count(*) FILTER (fate_before = 'failed') AS failed,
        min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM items GROUP BY source
    UNION ALL BY NAME
    SELECT source, -articles AS articles FROM articles_before
    UNION ALL BY NAME
    SELECT source, count(*) AS articles FROM fresh
    WHERE is_current AND article_id IN (SELECT article_id FROM changed) GROUP BY source
    UNION ALL BY NAME
    SELECT source, CASE WHEN run_id IN (SELECT run_id FROM superseded) THEN -1 ELSE 1 END AS runs
    FROM (
        SELECT source, run_id FROM lake_ledger
        WHERE run_id IN (SELECT run_id FROM new_runs WHERE counted)
        UNION
        SELECT source, run_id FROM ledger WHERE run_id IN (SELECT run_id FROM superseded))
)
SELECT source, coalesce(sum(items), 0) AS items, coalesce(sum(articles), 0) AS articles,
    coalesce(sum(rejected), 0) AS rejected, coalesce(sum(failed), 0) AS failed,
    coalesce(sum(runs), 0) AS runs,
    min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
FROM moves GROUP BY source;

DELETE FROM sources;
INSERT INTO sources BY NAME FROM sources_now ORDER BY source;
