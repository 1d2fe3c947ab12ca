-- Numbers the words of a batch (search_batch: code, word), the new ones in their order.
CREATE OR REPLACE TEMP TABLE search_coded AS
SELECT code, search_fold(word) AS word, regexp_matches(word, '[äöü]') AS umlaut
FROM search_batch;

UPDATE search_index.terms SET umlaut = true
WHERE NOT umlaut AND word IN (SELECT word FROM search_coded WHERE umlaut);

INSERT INTO search_index.terms
SELECT last + row_number() OVER (ORDER BY word), word, umlaut
FROM (
    SELECT word, bool_or(umlaut) AS umlaut FROM search_coded
    WHERE word NOT IN (SELECT word FROM search_index.terms)
    GROUP BY word
), (SELECT coalesce(max(term), 0) AS last FROM search_index.terms);

CREATE OR REPLACE TEMP TABLE search_coded AS
SELECT c.code, t.term FROM search_coded c JOIN search_index.terms t USING (word);
