-- Items of which there are rows although they, their article or their site are forgotten.
-- In: every_ledger, every_observations, lake_forgotten, forgotten_hosts, forgotten_sites (as they
-- are written in those rows).
SELECT DISTINCT item_id FROM every_observations
WHERE item_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'item_id')
   OR article_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'article_id')
   OR site IN (FROM forgotten_sites)
   -- a file that names its page
   OR (NOT starts_with(url, 'http')
       AND host_of_address(canonical_url) IN (FROM forgotten_hosts))
UNION
SELECT item_id FROM every_ledger
WHERE article_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'article_id')
   OR (item_id IN (SELECT "value" FROM lake_forgotten WHERE kind = 'item_id')
       AND NOT starts_with(url, 'forgotten:'))
   OR host_of_address(url) IN (FROM forgotten_hosts);
