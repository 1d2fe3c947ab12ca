-- Takes from what known pairs share the phrases that have just become frequent.
-- In: known_pairs (low, high, shared), crowded (content, hash).
-- Out: counts, as count_shared.sql gives them.

CREATE OR REPLACE TEMP TABLE counts AS
WITH lost AS (
    SELECT p.low, p.high, count(*) AS shared
    FROM known_pairs p
    JOIN crowded a ON a.content = p.low
    JOIN crowded b ON b.content = p.high AND b.hash = a.hash
    GROUP BY ALL
)
SELECT
    p.low AS content_a, p.high AS content_b,
    p.shared - coalesce(l.shared, 0) AS shared
FROM known_pairs p
LEFT JOIN lost l USING (low, high);
