-- Works out the revisions of the touched articles from their sightings, without the texts.
-- Nothing here depends on which run was committed first.

CREATE OR REPLACE TEMP TABLE touched_items AS
SELECT DISTINCT item_id FROM ledger WHERE article_id IN (SELECT article_id FROM touched);

-- What each reading found: an article, or nothing where the item was rejected. A later look that
-- found the item unchanged saw the same again.
CREATE OR REPLACE TEMP TABLE read_as AS
WITH looks AS (
    SELECT item_id, source, locator, url, observed_at, run_id,
        CASE WHEN record_hash IS NOT NULL OR fate = 'rejected' THEN struct_pack(
        article_id, content_hash, record_hash, raw_sha256, cleaner_version) END AS found
    FROM ledger
    WHERE item_id IN (SELECT item_id FROM touched_items)
        AND run_id IN (SELECT run_id FROM committed)
        AND (record_hash IS NOT NULL OR fate IN ('unchanged', 'not_modified', 'rejected'))
        -- of a run that was staged before somebody asked to forget them
        AND item_id NOT IN (SELECT "value" FROM lake_forgotten WHERE kind = 'item_id')
        AND coalesce(article_id, '')
            NOT IN (SELECT "value" FROM lake_forgotten WHERE kind = 'article_id')
), carried AS (
    SELECT item_id, source, locator, url, observed_at, run_id,
        last_value(found IGNORE NULLS) OVER (
            PARTITION BY item_id
            ORDER BY observed_at, found IS NULL, run_id
            ROWS UNBOUNDED PRECEDING) AS found
    FROM looks
), counting AS (
    -- readings of a run that its slice's newer run replaces were needed above, and end here
    SELECT * FROM carried
    WHERE found.record_hash IS NOT NULL AND run_id IN (SELECT run_id FROM counted)
), newest AS (
    -- the same bytes, cleaned by a newer cleaner: its reading holds for every sighting of them
    SELECT *, first_value(found) OVER (
        PARTITION BY item_id, coalesce(found.raw_sha256, found.record_hash)
        ORDER BY version_order(found.cleaner_version) DESC, observed_at DESC, found.record_hash
    ) AS best
    FROM counting
)
SELECT DISTINCT item_id, source, locator, url, observed_at,
    unnest(CASE
        WHEN version_order(best.cleaner_version) > version_order(found.cleaner_version) THEN best
        ELSE found END)
FROM newest;

-- An address that three pages or more call their own on one day, each with another text, names
-- none of them: it is a section's, or the first page's of many. Each of them is an article then.
CREATE OR REPLACE TEMP TABLE contested AS
SELECT DISTINCT article_id FROM (
    SELECT article_id, url, date_trunc('day', observed_at) AS day,
        arg_max(content_hash, struct_pack(observed_at, content_hash)) AS latest
    FROM read_as WHERE article_id IN (SELECT article_id FROM touched)
    GROUP BY ALL)
GROUP BY article_id, day HAVING count(DISTINCT latest) >= 3;

CREATE OR REPLACE TEMP TABLE seen AS
SELECT * EXCLUDE (article_id), article_id AS stored_as,
    CASE WHEN article_id IN (SELECT article_id FROM contested)
        THEN left(sha256(article_id || chr(31) || url), 32) ELSE article_id END AS article_id
FROM read_as WHERE article_id IN (SELECT article_id FROM touched);

CREATE OR REPLACE TEMP TABLE marked AS
SELECT *,
    lag(content_hash) OVER in_order AS before,
    lag(cleaner_version) OVER in_order AS cleaner_before
FROM seen
WINDOW in_order AS (PARTITION BY article_id
    ORDER BY observed_at, content_hash, record_hash, item_id);

CREATE OR REPLACE TEMP TABLE fresh AS
WITH numbered AS (
    SELECT *, count(*) FILTER (before IS DISTINCT FROM content_hash) OVER (
        PARTITION BY article_id
        ORDER BY observed_at, content_hash, record_hash, item_id
        ROWS UNBOUNDED PRECEDING) AS revision
    FROM marked
), islands AS (
    SELECT article_id, stored_as, revision, content_hash,
        min(observed_at) AS valid_from,
        CASE
            WHEN revision = 1 THEN 'first'
            WHEN any_value(cleaner_before) FILTER (before IS DISTINCT FROM content_hash)
                IS DISTINCT FROM
                any_value(cleaner_version) FILTER (before IS DISTINCT FROM content_hash)
                THEN 'unknown'
            ELSE 'content'
        END AS cause,
        arg_max(
            struct_pack(record_hash, cleaner_version, url, source, item_id, locator, raw_sha256),
            struct_pack(observed_at, record_hash, item_id)) AS latest
    FROM numbered
    GROUP BY article_id, stored_as, revision, content_hash
)
SELECT article_id, stored_as, revision, content_hash, valid_from, cause,
    lead(valid_from) OVER (PARTITION BY article_id ORDER BY revision) AS valid_to,
    valid_to IS NULL AS is_current,
    row_number() OVER (PARTITION BY article_id, content_hash ORDER BY revision) > 1 AS reverted,
    unnest(latest)
FROM islands;

-- the articles whose rows differ from those of the version
CREATE OR REPLACE TEMP TABLE changed AS
WITH old AS (
    SELECT article_id, revision, is_current, valid_from, valid_to, reverted, cause, url, source,
        content_hash, record_hash, cleaner_version, item_id, locator, raw_sha256
    FROM revisions WHERE stored_as IN (SELECT article_id FROM touched)
), new AS (
    SELECT article_id, revision, is_current, valid_from, valid_to, reverted, cause, url, source,
        content_hash, record_hash, cleaner_version, item_id, locator, raw_sha256
    FROM fresh
)
SELECT article_id FROM ((FROM old EXCEPT FROM new) UNION ALL (FROM new EXCEPT FROM old))
UNION
-- a run that stored the same text at the same time: the smaller run id is shown
SELECT r.article_id FROM revisions r JOIN lake_observations o
    ON o.article_id = r.stored_as AND o.content_hash = r.content_hash
    AND o.cleaner_version = r.cleaner_version
WHERE o.text IS NOT NULL AND o.run_id < r.run_id;
