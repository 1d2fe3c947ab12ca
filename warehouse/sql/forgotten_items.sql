-- Items of which the lake has rows although they, or their article, are forgotten.
SELECT DISTINCT item_id FROM lake_observations
WHERE item_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'item_id')
   OR article_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'article_id')
UNION
SELECT item_id FROM lake_ledger
WHERE article_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'article_id')
   OR (item_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'item_id')
       AND raw_sha256 IS NOT NULL);
