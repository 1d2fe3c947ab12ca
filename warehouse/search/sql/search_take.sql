-- Takes out of the index what is not current, and lists the current texts that it lacks.
-- In: {current}, a SELECT of current rows (row: their place in revisions, of which batches read a
-- stretch); {asked}, a SELECT of the article_ids that are looked at, theirs among them.
CREATE OR REPLACE TEMP TABLE search_current AS {current};

CREATE OR REPLACE TEMP TABLE search_there AS
SELECT rowid AS place, article_id, record_hash FROM search_index.documents
WHERE article_id IN ({asked});

DELETE FROM search_index.documents WHERE rowid IN (
    SELECT place FROM search_there
    WHERE (article_id, record_hash) NOT IN (
        SELECT (article_id, record_hash) FROM search_current));

CREATE OR REPLACE TEMP TABLE search_lacking AS
SELECT "row", article_id, record_hash, row_number() OVER (ORDER BY "row") - 1 AS number
FROM search_current
WHERE (article_id, record_hash) NOT IN (SELECT (article_id, record_hash) FROM search_there);

-- how many texts the index will hold, and how many it must
CREATE OR REPLACE TEMP VIEW search_sizes AS
SELECT (SELECT count(*) FROM search_index.documents) + (SELECT count(*) FROM search_lacking)
        AS indexed,
    (SELECT count(*) FROM compact.revision_rows WHERE is_current) AS "current";

-- how many documents the postings name that are gone, and how many are there
CREATE OR REPLACE TEMP VIEW search_state AS
SELECT coalesce((SELECT max(doc) FROM search_index.postings), 0) - count(*) AS dead,
    count(*) AS live
FROM search_index.documents;
