-- Looks that tell more than that an item was seen again; one is enough.
-- In: looks (ledger rows of the runs that the version lacks), lake_ledger (of those it has),
-- $until: the newest look that the version has.
SELECT n.item_id
FROM looks n LEFT JOIN (
    SELECT item_id,
        arg_max(record_hash, observed_at) AS record_hash,
        -- an item that was not read again is as it was
        arg_max(struct_pack(fate, reason), observed_at) FILTER (
            record_hash IS NOT NULL OR fate NOT IN ('unchanged', 'not_modified')) AS last,
        arg_max(fate, observed_at) FILTER (fate NOT IN ('failed', 'skipped')) AS answer
    FROM lake_ledger
    WHERE item_id IN (SELECT item_id FROM looks)
    GROUP BY item_id) l USING (item_id)
WHERE n.observed_at < $until  -- it may move a revision's beginning
   OR (n.record_hash IS NOT NULL AND n.record_hash IS DISTINCT FROM l.record_hash)
   OR n.fate IN ('new', 'revised', 'duplicate')
   OR (l.answer = 'gone' AND n.fate NOT IN ('gone', 'failed', 'skipped'))  -- it is back
   -- rejected, failed, skipped again for the same reason: the same as before
   OR (n.record_hash IS NULL AND n.fate NOT IN ('unchanged', 'not_modified')
       AND struct_pack(n.fate, n.reason) IS DISTINCT FROM l.last)
LIMIT 1;
