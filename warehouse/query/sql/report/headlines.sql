-- Headlines that were changed, the newest first.
WITH titles AS (
    SELECT article_id, revision, title, url, source, valid_from,
        lag(title) OVER (PARTITION BY article_id ORDER BY revision) AS title_before
    FROM revisions
    WHERE article_id IN (SELECT article_id FROM revisions WHERE revision > 1)
)
SELECT left(title, 300) AS title, left(title_before, 300) AS title_before, left(url, 500) AS url,
    source, valid_from
FROM titles, scope
WHERE title <> title_before
  AND (scope.sources IS NULL OR list_contains(scope.sources, source))
  AND (scope.since IS NULL OR valid_from >= scope.since)
ORDER BY valid_from DESC, article_id LIMIT 12;
