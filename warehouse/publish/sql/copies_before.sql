-- How the touched articles stand in the version, before their rows are replaced.
-- In: standing, marked, changed.
-- Out: stood; changes_before: what their revisions were known to have changed.

CREATE OR REPLACE TEMP TABLE stood AS
SELECT r.article_id, r.content_hash, r.published_at, s.first_seen_at
FROM standing r JOIN sightings s USING (article_id)
WHERE r.is_current
  AND r.article_id IN (SELECT article_id FROM marked UNION ALL SELECT article_id FROM changed);

CREATE OR REPLACE TEMP TABLE changes_before AS
SELECT DISTINCT article_id, before, content_hash, reverted, change, share_changed
FROM (
    SELECT *, lag(content_hash) OVER (PARTITION BY article_id ORDER BY revision) AS before
    FROM (
        SELECT article_id, revision, content_hash, reverted, change, share_changed
        FROM standing WHERE article_id IN (SELECT article_id FROM changed)))
WHERE change IS NOT NULL;
