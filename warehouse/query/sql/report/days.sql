-- Articles a day: by the day when they were first seen, and by the day of publication.
SELECT 'seen' AS clock, CAST(first_seen_at AT TIME ZONE 'UTC' AS DATE) AS day, label,
    count(*) AS articles
FROM chosen JOIN labels USING (source) GROUP BY ALL
UNION ALL
SELECT 'published', CAST(published_at AT TIME ZONE 'UTC' AS DATE), label, count(*)
FROM chosen JOIN labels USING (source) WHERE published_at IS NOT NULL GROUP BY ALL
ORDER BY ALL;
