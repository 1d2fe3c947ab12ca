-- Why inputs gave no article, with up to three examples, the newest first.
WITH missed AS (
    SELECT 'rejected' AS fate, source, item_id, reason, detail, evidence, url, observed_at
    FROM rejects
    UNION ALL
    SELECT fate, source, item_id, coalesce(reason, fate), coalesce(detail, ''), NULL, url,
        observed_at
    FROM ledger WHERE fate IN ('failed', 'gone', 'skipped')
)
SELECT fate, reason, count(DISTINCT item_id) AS items, count(DISTINCT source) AS sources,
    max(observed_at) AS last_seen_at,
    max(struct_pack(observed_at, source, url := left(url, 500), detail := left(detail, 300),
        evidence := left(evidence, 300)), 3) AS examples
FROM missed, scope
WHERE (scope.sources IS NULL OR list_contains(scope.sources, source))
  AND (scope.since IS NULL OR observed_at >= scope.since)
GROUP BY fate, reason ORDER BY items DESC, fate, reason;
