-- Counts the shingles that new contents share with each other and with stored ones.
-- In: new_shingles, stored_shingles (content, month, hash), cut to one range of hashes and to
--     the months in reach; unseen (content): the new ones that were never compared;
--     variables: frequent (most contents that may share a hash), reach (months between two
--     contents, null for any).
-- Out: counts (content_a, month_a, content_b, month_b, shared), content_a new;
--      two new contents once. crowded (content, hash): stored contents with a hash that is
--      frequent now and was not without the unseen ones.

CREATE OR REPLACE TEMP TABLE asked AS
SELECT DISTINCT content, month, hash FROM new_shingles;

CREATE OR REPLACE TEMP TABLE asked_contents AS SELECT DISTINCT content FROM asked;

-- one scan of what is stored; a run that was committed twice counts once
CREATE OR REPLACE TEMP TABLE held AS
SELECT content, month, hash
FROM stored_shingles
WHERE hash IN (SELECT hash FROM asked)
UNION
SELECT content, month, hash FROM asked;

-- phrases that everybody prints say nothing, and cost the square of their number
CREATE OR REPLACE TEMP TABLE frequent_hashes AS
SELECT hash,
    count(DISTINCT content) FILTER (content NOT IN (FROM unseen)) AS stored
FROM held
WHERE hash IN (SELECT hash FROM held GROUP BY hash HAVING count(*) > getvariable('frequent'))
GROUP BY hash
HAVING count(DISTINCT content) > getvariable('frequent');

CREATE OR REPLACE TEMP TABLE crowded AS
SELECT DISTINCT content, hash
FROM held
WHERE hash IN (SELECT hash FROM frequent_hashes WHERE stored <= getvariable('frequent'))
  AND content NOT IN (FROM asked_contents);

CREATE OR REPLACE TEMP TABLE counts AS
WITH fresh AS (
    FROM asked ANTI JOIN frequent_hashes USING (hash)
), known AS (
    SELECT *, (content, month) IN (SELECT (content, month) FROM asked) AS is_new
    FROM held ANTI JOIN frequent_hashes USING (hash)
)
SELECT
    a.content AS content_a, a.month AS month_a,
    b.content AS content_b, b.month AS month_b,
    count(*) AS shared
FROM fresh a JOIN known b USING (hash)
WHERE a.content <> b.content
  AND (a.content < b.content OR NOT b.is_new)  -- two new ones meet once
  AND (getvariable('reach') IS NULL
       OR abs(date_diff('month', a.month, b.month)) <= getvariable('reach'))
GROUP BY ALL;
