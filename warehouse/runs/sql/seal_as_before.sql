-- Readings of WordPress's pages in which the site says that the post was not edited: what differs in
-- their texts is of the page around it, and revises nothing.
-- In: run_ledger, run_observations (a run's rows), lake_ledger, lake_observations (committed rows),
--     counted (run ids).
-- Out: the item, and the text that it had and has.
WITH mine AS (
    SELECT o.item_id, o.article_id, o.content_hash, o.modified_at, o.cleaner_version
    FROM run_observations o JOIN run_ledger l USING (item_id)
    WHERE l.how['generator'] = 'wordpress'
      AND o.modified_at IS NOT NULL
      AND date_trunc('day', o.modified_at) <> o.modified_at  -- a day alone may have two edits
), latest AS (
    SELECT article_id, arg_max(content_hash, observed_at) AS content_hash,
        arg_max(cleaner_version, observed_at) AS cleaner_version
    FROM lake_ledger
    WHERE content_hash IS NOT NULL
      AND article_id IN (SELECT article_id FROM mine)
      AND run_id IN (SELECT run_id FROM counted)
    GROUP BY article_id
)
SELECT DISTINCT m.item_id, b.content_hash AS before
FROM mine m
JOIN latest b ON b.article_id = m.article_id AND b.content_hash <> m.content_hash
    AND b.cleaner_version = m.cleaner_version
JOIN lake_observations o ON o.article_id = b.article_id AND o.content_hash = b.content_hash
    AND o.modified_at = m.modified_at
