-- What runs brought, by the day when they ended.
SELECT CAST(r.finished_at AT TIME ZONE 'UTC' AS DATE) AS day, f.fate, sum(f.items)::BIGINT AS items
FROM fates f JOIN runs r USING (run_id), scope
WHERE scope.since IS NULL OR r.finished_at >= scope.since
GROUP BY ALL ORDER BY ALL;
