-- Counts the shingles that new contents share with each other and with stored ones.
-- In: new_shingles, stored_shingles (content, hash), cut to one range of hashes;
--     unseen (content): the new ones that were never compared;
--     variable: frequent (most contents that may share a hash).
-- Out: counts (content_a, content_b, shared), content_a new; two new contents once.
--      crowded (content, hash): stored contents with a hash that is frequent now and was not
--      without the unseen ones.

CREATE OR REPLACE TEMP TABLE asked AS
SELECT DISTINCT content, hash FROM new_shingles;

CREATE OR REPLACE TEMP TABLE asked_contents AS SELECT DISTINCT content FROM asked;

-- one scan of what is stored; a run that was committed twice counts once
CREATE OR REPLACE TEMP TABLE held AS
SELECT content, hash
FROM stored_shingles
WHERE hash IN (SELECT hash FROM asked)
UNION
SELECT content, hash FROM asked;

-- phrases that everybody prints say nothing, and cost the square of their number
CREATE OR REPLACE TEMP TABLE frequent_hashes AS
SELECT hash, count(*) FILTER (content NOT IN (FROM unseen)) AS stored
FROM held
WHERE hash IN (SELECT hash FROM held GROUP BY hash HAVING count(*) > getvariable('frequent'))
GROUP BY hash;

CREATE OR REPLACE TEMP TABLE crowded AS
SELECT content, hash
FROM held
WHERE hash IN (SELECT hash FROM frequent_hashes WHERE stored <= getvariable('frequent'))
  AND content NOT IN (FROM asked_contents);

CREATE OR REPLACE TEMP TABLE counts AS
WITH fresh AS (
    FROM asked ANTI JOIN frequent_hashes USING (hash)
), known AS (
    SELECT *, content IN (FROM asked_contents) AS is_new
    FROM held ANTI JOIN frequent_hashes USING (hash)
)
SELECT a.content AS content_a, b.content AS content_b, count(*) AS shared
FROM fresh a JOIN known b USING (hash)
WHERE a.content <> b.content
  AND (a.content < b.content OR NOT b.is_new)  -- two new ones meet once
GROUP BY ALL;
