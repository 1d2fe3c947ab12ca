-- Which items a removal takes.
-- In: every_ledger, every_observations (rows of all runs, open ones too); the parameters
--     article_id, url, site, host (what was asked for, or null; names in small letters),
--     address_id (the id that the address gives), articles, items (ids that were found before).
-- Out: removed_articles, removed_items.

CREATE OR REPLACE TEMP TABLE removed_articles AS
SELECT unnest(CAST($articles AS VARCHAR[])) AS article_id
UNION SELECT CAST($article_id AS VARCHAR) WHERE $article_id IS NOT NULL
UNION SELECT article_id FROM every_observations WHERE $url IN (url, canonical_url)
UNION SELECT article_id FROM every_ledger WHERE url = $url AND article_id IS NOT NULL
UNION SELECT article_id FROM every_ledger WHERE article_id = $address_id
UNION SELECT article_id FROM every_observations
    WHERE lower(site) = $site OR host_of_address(url) = $host
        -- a file that names its page
        OR (NOT starts_with(url, 'http') AND host_of_address(canonical_url) = $host);

CREATE OR REPLACE TEMP TABLE removed_items AS
WITH of_articles AS (
    SELECT item_id, url FROM every_ledger
    WHERE article_id IN (FROM removed_articles)
       -- the published id of a page whose canonical address many texts claim
       OR left(sha256(article_id || chr(31) || url), 32) IN (FROM removed_articles)
    UNION SELECT item_id, url FROM every_observations
    WHERE article_id IN (FROM removed_articles)
)
SELECT unnest(CAST($items AS VARCHAR[])) AS item_id
UNION SELECT item_id FROM of_articles
-- looks at these addresses that gave no article: they failed, or were rejected
UNION SELECT item_id FROM every_ledger WHERE url IN (
    SELECT url FROM of_articles WHERE host_of_address(url) <> '' UNION ALL SELECT $url)
UNION SELECT item_id FROM every_ledger WHERE host_of_address(url) = $host;
