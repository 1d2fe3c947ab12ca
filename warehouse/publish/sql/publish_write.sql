-- Puts the changed articles into the version in place of their old rows (`standing`).
-- In: {texts}, the columns that stand once for each text; {lake_texts}, the same from the lake.

CREATE OR REPLACE TEMP TABLE cuts_there AS
SELECT DISTINCT article_id, stored_as, content_hash, cleaner_version, run_id
FROM standing
WHERE article_id IN (SELECT article_id FROM changed)
   OR stored_as IN (SELECT stored_as FROM stored);

CREATE OR REPLACE TEMP TABLE articles_before AS
SELECT source, count(*) AS articles FROM standing
WHERE is_current AND article_id IN (SELECT article_id FROM changed) GROUP BY source;

-- rows that stay but for their place in time: their text is neither read nor written
CREATE OR REPLACE TEMP TABLE staying AS
SELECT r.place, f.*, r.run_id
FROM standing r
JOIN fresh f USING (article_id, revision, stored_as, content_hash, cleaner_version, record_hash)
JOIN texts t USING (stored_as, content_hash, cleaner_version, run_id)
WHERE f.article_id IN (SELECT article_id FROM changed);

UPDATE compact.revision_rows SET is_current = s.is_current, valid_to = s.valid_to
FROM staying s
WHERE revision_rows.rowid = s.place
  AND (revision_rows.is_current <> s.is_current
    OR revision_rows.valid_to IS DISTINCT FROM s.valid_to);

UPDATE compact.revision_rows SET valid_from = s.valid_from, reverted = s.reverted, cause = s.cause
FROM staying s
WHERE revision_rows.rowid = s.place
  AND (revision_rows.valid_from <> s.valid_from OR revision_rows.reverted <> s.reverted
    OR revision_rows.cause <> s.cause);

UPDATE compact.revision_rows SET url = s.url, source = s.source, item_id = s.item_id,
    locator = s.locator, raw_sha256 = s.raw_sha256
FROM staying s
WHERE revision_rows.rowid = s.place
  AND (revision_rows.url <> s.url OR revision_rows.source <> s.source
    OR revision_rows.item_id <> s.item_id OR revision_rows.locator <> s.locator
    OR revision_rows.raw_sha256 IS DISTINCT FROM s.raw_sha256);

CREATE OR REPLACE TEMP TABLE coming AS
SELECT f.*, t.run_id
FROM fresh f JOIN texts t USING (stored_as, content_hash, cleaner_version)
WHERE f.article_id IN (SELECT article_id FROM changed)
  AND (f.article_id, f.revision) NOT IN (SELECT (article_id, revision) FROM staying);

-- texts that the version has and that go to another row; found first, for few are read
CREATE OR REPLACE TEMP TABLE old_places AS
SELECT min(r.place) AS place
FROM standing r
JOIN (SELECT DISTINCT stored_as, content_hash, cleaner_version, run_id FROM coming) c
    USING (stored_as, content_hash, cleaner_version, run_id)
GROUP BY stored_as, content_hash, cleaner_version, run_id;

CREATE OR REPLACE TEMP TABLE old_texts AS
SELECT stored_as, content_hash, cleaner_version, run_id, {texts}
FROM compact.revision_rows WHERE rowid IN (SELECT place FROM old_places);

DELETE FROM compact.revision_rows WHERE rowid IN (
    SELECT place FROM standing
    WHERE article_id IN (SELECT article_id FROM changed)
      AND place NOT IN (SELECT place FROM staying));

-- each text once: a run stores it once, and what the version has is not taken from the lake
CREATE OR REPLACE TEMP VIEW wide AS
SELECT article_id AS stored_as, content_hash, cleaner_version, run_id, {lake_texts}
FROM lake_observations
WHERE text IS NOT NULL
  AND (article_id, content_hash, cleaner_version, run_id) NOT IN (
    SELECT (stored_as, content_hash, cleaner_version, run_id) FROM old_texts)
UNION ALL BY NAME
FROM old_texts;

INSERT INTO compact.revision_rows BY NAME
SELECT c.*, w.* EXCLUDE (stored_as, content_hash, cleaner_version, run_id),
    r.* EXCLUDE (stored_as, record_hash)
FROM wide w
JOIN coming c USING (stored_as, content_hash, cleaner_version, run_id)
JOIN records r ON r.stored_as = c.stored_as AND r.record_hash = c.record_hash
ORDER BY r.published_at, c.article_id;
