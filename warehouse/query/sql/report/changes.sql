-- What revisions changed of the state before.
SELECT coalesce(r.change, 'unknown') AS change, count(*) AS revisions,
    count(DISTINCT r.article_id) AS articles, median(r.share_changed)::DOUBLE AS share
FROM revisions r, scope
WHERE r.revision > 1
  AND (scope.sources IS NULL OR list_contains(scope.sources, r.source))
  AND (scope.since IS NULL OR r.valid_from >= scope.since)
GROUP BY ALL ORDER BY revisions DESC, change;
