-- The newest runs first; more than 400 points tell no more.
SELECT r.run_id, r.state, r.flow, r.source, r.started_at, r.finished_at,
    epoch(r.finished_at - r.started_at) AS seconds, r.items, r."new", r.revised, r."unchanged",
    r."duplicate", r.rejected, r.not_modified, r.gone, r.failed, r.skipped, r.reason, r.counted
FROM runs r, scope
WHERE (scope.since IS NULL OR r.finished_at >= scope.since)
  AND (scope.sources IS NULL OR list_contains(scope.sources, r.source)
    OR r.run_id IN (SELECT run_id FROM fates))
ORDER BY r.finished_at DESC, r.run_id LIMIT 400;
