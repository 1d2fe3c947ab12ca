-- Counts again what known pairs share, now that more is stored: phrases that have become
-- frequent since no longer count.
-- In: known_pairs (low, high), stored_shingles (content, month, hash; one range of hashes);
--     variables: frequent, reach.
-- Out: counts, as count_shared.sql gives them.

CREATE OR REPLACE TEMP TABLE asked AS
SELECT DISTINCT content, month, hash
FROM stored_shingles
WHERE content IN (SELECT low FROM known_pairs UNION SELECT high FROM known_pairs);

CREATE OR REPLACE TEMP TABLE frequent_hashes AS
SELECT hash
FROM stored_shingles
WHERE hash IN (SELECT hash FROM asked GROUP BY hash HAVING count(*) > 1)
GROUP BY hash
HAVING count(DISTINCT content) > getvariable('frequent');

CREATE OR REPLACE TEMP TABLE counts AS
WITH known AS (
    FROM asked ANTI JOIN frequent_hashes USING (hash)
)
SELECT
    a.content AS content_a, a.month AS month_a,
    b.content AS content_b, b.month AS month_b,
    count(*) AS shared
FROM known_pairs p
JOIN known a ON a.content = p.low
JOIN known b ON b.content = p.high AND b.hash = a.hash
WHERE getvariable('reach') IS NULL
   OR abs(date_diff('month', a.month, b.month)) <= getvariable('reach')
GROUP BY ALL;
