-- In: previous, the version that readers see. What was forgotten since stays behind.
DELETE FROM duplicate_history;
INSERT INTO duplicate_history
SELECT h.* FROM previous.duplicate_history h
WHERE article_id IN (SELECT article_id FROM sightings)
  AND (duplicate_of IS NULL OR duplicate_of IN (SELECT article_id FROM sightings))
ORDER BY version, article_id;
