-- Works out the revisions of the touched articles from their sightings, without the texts.
-- Nothing here depends on which run was committed first.
--
-- A look for articles in a table reads a column of all its rows: it is done once, and all else
-- asks what it found (`looks`, `standing`), or reads rows by their places.

CREATE OR REPLACE TEMP TABLE touched_items AS
SELECT DISTINCT item_id FROM ledger WHERE article_id IN (SELECT article_id FROM touched);

CREATE OR REPLACE TEMP TABLE looks AS
SELECT item_id, source, locator, url, observed_at, run_id, fate, article_id, content_hash,
    record_hash, raw_sha256, cleaner_version
FROM ledger WHERE rowid IN (
    SELECT rowid FROM ledger
    WHERE item_id IN (SELECT item_id FROM touched_items UNION ALL SELECT item_id FROM looked_at))
  AND run_id IN (SELECT run_id FROM committed);

-- how the touched articles stand in the version
CREATE OR REPLACE TEMP TABLE standing AS
SELECT rowid AS place, article_id, revision, is_current, valid_from, valid_to, reverted, cause,
    "change", share_changed, url, source, published_at, content_hash, record_hash,
    cleaner_version, item_id, locator, raw_sha256, run_id, stored_as
FROM compact.revision_rows WHERE rowid IN (
    SELECT rowid FROM compact.revision_rows WHERE stored_as IN (SELECT article_id FROM touched));

-- What each reading found: an article, or nothing where the item was rejected. A later look that
-- found the item unchanged saw the same again.
CREATE OR REPLACE TEMP TABLE readings AS
WITH told AS (
    SELECT item_id, source, locator, url, observed_at, run_id,
        CASE WHEN record_hash IS NOT NULL OR fate = 'rejected' THEN struct_pack(
        article_id, content_hash, record_hash, raw_sha256, cleaner_version) END AS found
    FROM looks
    WHERE item_id IN (SELECT item_id FROM touched_items)
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
    FROM told
    WHERE run_id NOT IN (SELECT run_id FROM recleans)
), counting AS (
    -- readings of a run that its slice's newer run replaces were needed above, and end here
    SELECT *, true AS is_sighting FROM carried
    WHERE found IS NOT NULL AND run_id IN (SELECT run_id FROM counted)
    UNION ALL BY NAME
    -- bytes that were read again are no sighting, but what their newest cleaner found holds
    SELECT * EXCLUDE (found), found, false AS is_sighting
    FROM (
        SELECT item_id, source, locator, url, observed_at, run_id, found FROM told
        WHERE found IS NOT NULL AND run_id IN (SELECT run_id FROM recleans))
), newest AS (
    -- the same bytes, cleaned by a newer cleaner: its reading holds for every sighting of them,
    -- where it found an article and where it found none
    SELECT *, coalesce(found.raw_sha256, found.record_hash) AS bytes, first_value(found) OVER (
        PARTITION BY item_id, coalesce(found.raw_sha256, found.record_hash)
        ORDER BY version_order(found.cleaner_version) DESC, observed_at DESC, found.record_hash
    ) AS best
    FROM counting
)
SELECT item_id, source, locator, url, observed_at, bytes, is_sighting,
    found.cleaner_version AS read_by, found.content_hash AS read_content,
    unnest(CASE
        WHEN version_order(best.cleaner_version) > version_order(found.cleaner_version) THEN best
        ELSE found END)
FROM newest;

-- What each cleaner found in bytes that more than one has read.
CREATE OR REPLACE TEMP TABLE versions AS
SELECT item_id, bytes, map_from_entries(list((read_by, read_content))) AS by_version
FROM (
    SELECT item_id, bytes, read_by, min(read_content) AS read_content
    FROM readings WHERE bytes IS NOT NULL GROUP BY item_id, bytes, read_by)
GROUP BY item_id, bytes HAVING count(*) > 1;

CREATE OR REPLACE TEMP TABLE read_as AS
SELECT DISTINCT * EXCLUDE (is_sighting, read_by, read_content) FROM readings
WHERE is_sighting AND record_hash IS NOT NULL;

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
SELECT s.* EXCLUDE (bytes), v.by_version,
    lag(content_hash) OVER in_order AS before,
    lag(cleaner_version) OVER in_order AS cleaner_before,
    lag(by_version) OVER in_order AS versions_before
FROM seen s LEFT JOIN versions v USING (item_id, bytes)
WINDOW in_order AS (PARTITION BY article_id
    ORDER BY observed_at, content_hash, record_hash, item_id);

-- Two sightings whose newest readings are of different cleaners are compared as the newest cleaner
-- saw them that has read both; where there is none, page or cleaner may be the cause.
CREATE OR REPLACE TEMP TABLE compared AS
SELECT * EXCLUDE (common),
    before IS DISTINCT FROM content_hash AND CASE
        WHEN common IS NULL THEN true
        ELSE common.of_before IS DISTINCT FROM common.of_this END AS differs,
    differs AND cleaner_before <> cleaner_version AND common IS NULL AS is_unknown
FROM (
    SELECT * EXCLUDE (by_version, versions_before),
        CASE WHEN cleaner_before <> cleaner_version AND before <> content_hash
            THEN newest_common(
                coalesce(versions_before, map([cleaner_before], [before])),
                coalesce(by_version, map([cleaner_version], [content_hash])))
        END AS common
    FROM marked);

CREATE OR REPLACE TEMP TABLE fresh AS
WITH numbered AS (
    SELECT *, count(*) FILTER (differs) OVER (
        PARTITION BY article_id
        ORDER BY observed_at, content_hash, record_hash, item_id
        ROWS UNBOUNDED PRECEDING) AS revision
    FROM compared
), islands AS (
    SELECT article_id, stored_as, revision,
        min(observed_at) AS valid_from,
        CASE WHEN revision = 1 THEN 'first' WHEN bool_or(is_unknown) THEN 'unknown'
            ELSE 'content' END AS cause,
        arg_max(
            struct_pack(content_hash, record_hash, cleaner_version, url, source, item_id, locator,
                raw_sha256),
            struct_pack(version := version_order(cleaner_version), observed_at, record_hash,
                item_id)) AS latest
    FROM numbered
    GROUP BY article_id, stored_as, revision
), states AS (
    SELECT * EXCLUDE (latest), unnest(latest) FROM islands
)
SELECT article_id, stored_as, revision, content_hash, valid_from, cause,
    lead(valid_from) OVER (PARTITION BY article_id ORDER BY revision) AS valid_to,
    valid_to IS NULL AS is_current,
    row_number() OVER (PARTITION BY article_id, content_hash ORDER BY revision) > 1 AS reverted,
    record_hash, cleaner_version, url, source, item_id, locator, raw_sha256
FROM states;

-- the articles whose rows differ from those of the version
CREATE OR REPLACE TEMP TABLE changed AS
WITH old AS (
    SELECT article_id, revision, is_current, valid_from, valid_to, reverted, cause, url, source,
        content_hash, record_hash, cleaner_version, item_id, locator, raw_sha256
    FROM standing
), new AS (
    SELECT article_id, revision, is_current, valid_from, valid_to, reverted, cause, url, source,
        content_hash, record_hash, cleaner_version, item_id, locator, raw_sha256
    FROM fresh
)
SELECT article_id FROM ((FROM old EXCEPT FROM new) UNION ALL (FROM new EXCEPT FROM old))
UNION
-- a run that stored the same text at the same time: the smaller run id is shown
SELECT r.article_id FROM standing r JOIN lake_observations o
    ON o.article_id = r.stored_as AND o.content_hash = r.content_hash
    AND o.cleaner_version = r.cleaner_version
WHERE o.text IS NOT NULL AND o.run_id < r.run_id;
