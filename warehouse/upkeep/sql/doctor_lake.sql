-- Each check gives the rows that are wrong. all_*: rows of every run; committed, open_runs.

-- check: one-end: a run has more than one terminal row
-- mend: report it; the rows of runs are never changed
SELECT run_id, count(*) FROM all_runs GROUP BY run_id HAVING count(*) > 1;

-- check: ledger-rows: a committed run's ledger does not have the rows that it was committed with
-- mend: report it; copydesk publish --rebuild shows what is there
SELECT r.run_id, r.items, count(l.run_id)
FROM all_runs r LEFT JOIN all_ledger l USING (run_id)
WHERE r.state = 'committed'
GROUP BY r.run_id, r.items HAVING r.items <> count(l.run_id);

-- check: fates: a committed run's fates differ from those that it was committed with
-- mend: report it; copydesk publish --rebuild shows what is there
SELECT run_id, fate FROM (
    UNPIVOT (
        SELECT run_id, "new", revised, unchanged, duplicate, rejected, not_modified, gone,
            failed, skipped, recleaned
        FROM all_runs WHERE state = 'committed')
    ON COLUMNS (* EXCLUDE (run_id)) INTO NAME fate VALUE items) told
FULL JOIN (
    SELECT run_id, fate, count(*) AS items FROM all_ledger
    WHERE run_id IN (SELECT run_id FROM committed) GROUP BY run_id, fate) found
    USING (run_id, fate)
WHERE coalesce(told.items, 0) <> coalesce(found.items, 0);

-- check: one-fate: an item has more than one row in a run's ledger
-- mend: report it; a batch was committed twice
SELECT run_id, item_id, count(*) FROM all_ledger
WHERE run_id IN (SELECT run_id FROM committed)
-- a re-cleaning reads an item once for each of its states
GROUP BY run_id, item_id, CASE WHEN run_id IN (SELECT run_id FROM recleans) THEN raw_sha256 END
HAVING count(*) > 1;

-- check: texts: a sighting has no stored text
-- mend: copydesk reclean, which reads the raw bytes again
SELECT l.run_id, l.locator FROM all_ledger l
WHERE l.run_id IN (SELECT run_id FROM committed) AND l.record_hash IS NOT NULL
  AND NOT EXISTS (
    FROM all_observations o
    WHERE o.article_id = l.article_id AND o.content_hash = l.content_hash
      AND o.cleaner_version = l.cleaner_version AND o.text IS NOT NULL
      AND o.run_id IN (SELECT run_id FROM committed));

-- check: records: a sighting has no stored record
-- mend: copydesk reclean, which reads the raw bytes again
SELECT l.run_id, l.locator FROM all_ledger l
WHERE l.run_id IN (SELECT run_id FROM committed) AND l.record_hash IS NOT NULL
  AND NOT EXISTS (
    FROM all_observations o
    WHERE o.article_id = l.article_id AND o.record_hash = l.record_hash
      AND o.run_id IN (SELECT run_id FROM committed));

-- check: orphan-text: a stored text has no row in its run's ledger
-- mend: copydesk maintain
SELECT o.run_id, o.locator FROM all_observations o
WHERE o.run_id IN (SELECT run_id FROM committed)
  AND NOT EXISTS (FROM all_ledger l WHERE l.run_id = o.run_id AND l.item_id = o.item_id);

-- check: twice: a run stored the same record twice
-- mend: report it; a batch was committed twice
SELECT run_id, article_id, record_hash FROM all_observations
GROUP BY run_id, article_id, record_hash HAVING count(*) > 1;

-- check: rejects: a row of rejects belongs to no rejected item
-- mend: report it
SELECT run_id, item_id FROM (
    SELECT run_id, item_id FROM all_rejects WHERE run_id IN (SELECT run_id FROM committed)) r
FULL JOIN (
    SELECT run_id, item_id, true AS told FROM all_ledger
    WHERE fate = 'rejected' AND run_id IN (SELECT run_id FROM committed)) l
    USING (run_id, item_id)
WHERE l.told IS NULL;

-- check: hidden-rows: rows of a run that is neither committed nor open
-- mend: copydesk maintain
SELECT DISTINCT run_id FROM (
    SELECT run_id FROM all_observations UNION ALL SELECT run_id FROM all_ledger
    UNION ALL SELECT run_id FROM all_cuts UNION ALL SELECT run_id FROM all_rejects
    UNION ALL SELECT run_id FROM all_signatures UNION ALL SELECT run_id FROM all_shingles
    UNION ALL SELECT run_id FROM all_raw_index)
WHERE run_id NOT IN (SELECT run_id FROM committed)
  AND run_id NOT IN (SELECT run_id FROM open_runs);

-- check: unsigned: a text of a run that signed its texts has no signature
-- mend: report it; the text is not compared with others
SELECT o.run_id, o.locator FROM all_observations o
WHERE o.text IS NOT NULL AND o.run_id IN (SELECT run_id FROM committed)
  AND o.run_id IN (SELECT run_id FROM all_signatures)
  AND o.content_hash NOT IN (
    SELECT content_hash FROM all_signatures WHERE run_id IN (SELECT run_id FROM committed));

-- check: orphan-signature: a signature belongs to no text
-- mend: copydesk maintain
SELECT run_id, content_hash FROM all_signatures
WHERE run_id IN (SELECT run_id FROM committed)
  AND content_hash NOT IN (SELECT content_hash FROM all_observations);

-- check: shingles: a signature does not have the shingles that it counts
-- mend: report it; a run was committed in part
SELECT s.run_id, s.content_hash, s.shingles, coalesce(h.shingles, 0)
FROM all_signatures s LEFT JOIN (
    SELECT run_id, content, signing, count(*) AS shingles FROM all_shingles GROUP BY ALL) h
    USING (run_id, content, signing)
WHERE s.run_id IN (SELECT run_id FROM committed) AND s.shingles <> coalesce(h.shingles, 0);

-- check: raw-index: a sighting's bytes are not in the index
-- mend: none is needed where raw bytes are older than their retention
SELECT l.run_id, l.locator FROM all_ledger l
WHERE l.run_id IN (SELECT run_id FROM committed) AND l.raw_sha256 IS NOT NULL
  AND l.raw_sha256 NOT IN (
    SELECT sha256 FROM all_raw_index WHERE run_id IN (SELECT run_id FROM committed))
  AND EXISTS (FROM all_raw_index i WHERE i.run_id = l.run_id);

-- check: forgotten: rows of forgotten items still exist
-- mend: copydesk maintain
SELECT o.run_id, o.item_id FROM all_observations o
WHERE o.item_id IN (SELECT "value" FROM all_forgotten WHERE kind = 'item_id')
   OR o.article_id IN (SELECT "value" FROM all_forgotten WHERE kind = 'article_id');
