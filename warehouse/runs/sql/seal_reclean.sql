-- Of a re-cleaning: settles each row against the newest reading of the same bytes, which is
-- `unchanged`, `recleaned` (another title or text), `new` (it was a reject) or `rejected`.
-- In: what seal.sql has. Out: sealed_ledger anew; read_before.

CREATE TEMP TABLE read_before AS
SELECT item_id, raw_sha256,
    arg_max(
        struct_pack(source, article_id, content_hash, record_hash),
        struct_pack(version := version_order(cleaner_version), observed_at, run_id)) AS reading
FROM lake_ledger
WHERE (item_id, raw_sha256) IN (SELECT (item_id, raw_sha256) FROM run_ledger)
  AND (record_hash IS NOT NULL OR fate = 'rejected')
  AND run_id IN (SELECT run_id FROM counted)
GROUP BY item_id, raw_sha256;

CREATE OR REPLACE TEMP VIEW sealed_ledger AS
SELECT l.* REPLACE (CASE
    WHEN l.fate <> 'read' THEN l.fate
    WHEN b.reading.record_hash IS NULL THEN 'new'
    WHEN b.reading.content_hash = l.content_hash THEN 'unchanged'
    ELSE 'recleaned' END AS fate)
FROM run_ledger l LEFT JOIN read_before b USING (item_id, raw_sha256);
