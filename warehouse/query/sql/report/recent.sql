-- New articles of each source on the last 30 days, for the small pictures.
SELECT source,
    date_diff('day', CAST(first_seen_at AT TIME ZONE 'UTC' AS DATE),
        CAST(scope.now AT TIME ZONE 'UTC' AS DATE)) AS days_ago, count(*) AS articles
FROM chosen, scope
WHERE first_seen_at > scope.now - INTERVAL 30 DAY AND first_seen_at <= scope.now
GROUP BY ALL ORDER BY ALL;
