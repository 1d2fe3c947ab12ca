-- Takes out of the index what is not current, and lists the current texts that it lacks.
-- In: asked, a SELECT of the article_ids that are looked at.
CREATE OR REPLACE TEMP TABLE search_asked AS {asked};

DELETE FROM search_index.documents
WHERE article_id IN (FROM search_asked)
  AND (article_id, record_hash) NOT IN (
    SELECT (article_id, record_hash) FROM revisions
    WHERE is_current AND article_id IN (FROM search_asked));

-- "row" is the place in revisions: batches read a stretch of it
CREATE OR REPLACE TEMP TABLE search_lacking AS
SELECT rowid AS "row", article_id, record_hash,
    row_number() OVER (ORDER BY rowid) - 1 AS number
FROM revisions
WHERE is_current AND article_id IN (FROM search_asked)
  AND (article_id, record_hash) NOT IN (
    SELECT (article_id, record_hash) FROM search_index.documents
    WHERE article_id IN (FROM search_asked));

-- how many texts the index will hold, and how many it must
CREATE OR REPLACE TEMP VIEW search_sizes AS
SELECT (SELECT count(*) FROM search_index.documents) + (SELECT count(*) FROM search_lacking)
        AS indexed,
    (SELECT count(*) FROM revisions WHERE is_current) AS "current";

-- how many documents the postings name that are gone, and how many are there
CREATE OR REPLACE TEMP VIEW search_state AS
SELECT coalesce((SELECT max(doc) FROM search_index.postings), 0) - count(*) AS dead,
    count(*) AS live
FROM search_index.documents;
