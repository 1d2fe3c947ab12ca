-- Counts the shingles that new contents share with each other and with stored ones.
-- In: new_shingles, stored_shingles (content, month, hash), cut to one range of hashes and to
--     the months in reach; variables: frequent (most contents of a month that may share a hash),
--     reach (months between two contents, null for any).
-- Out: counts (content_a, month_a, content_b, month_b, shared), content_a new;
--      two new contents once.

CREATE TEMP TABLE asked AS
SELECT DISTINCT content, month, hash FROM new_shingles;

-- one scan of what is stored; a run that was committed twice counts once
CREATE TEMP TABLE held AS
SELECT content, month, hash
FROM stored_shingles
WHERE hash IN (SELECT hash FROM asked)
UNION
SELECT content, month, hash FROM asked;

-- phrases that everybody prints say nothing, and cost the square of their number
CREATE TEMP TABLE frequent_hashes AS
SELECT hash, month FROM held GROUP BY ALL HAVING count(*) > getvariable('frequent');

CREATE TEMP TABLE counts AS
WITH fresh AS (
    FROM asked ANTI JOIN frequent_hashes USING (hash, month)
), known AS (
    SELECT *, (content, month) IN (SELECT (content, month) FROM asked) AS is_new
    FROM held ANTI JOIN frequent_hashes USING (hash, month)
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
