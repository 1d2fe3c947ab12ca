-- Documents that the lake has read, each (item, bytes) once with its newest reading.
-- In: lake_ledger, lake_observations, lake_raw_index; $version, the cleaner to come, $versions those of the
-- sources $of; {where}.
-- Out: documents (all of them, for conditions), chosen (those that are older and match).

CREATE OR REPLACE TEMP TABLE states AS
WITH looks AS (
    SELECT *, struct_pack(version := version_order(cleaner_version), observed_at, run_id) AS newness,
        run_id IN (SELECT run_id FROM recleans) AS is_again
    FROM lake_ledger
    WHERE (record_hash IS NOT NULL OR (fate = 'rejected' AND raw_sha256 IS NOT NULL))
      AND run_id IN (SELECT run_id FROM counted)
)
SELECT item_id, coalesce(raw_sha256, record_hash) AS bytes, any_value(raw_sha256) AS raw_sha256,
    min(observed_at) AS first_seen_at,
    -- as it was last seen with these bytes: what cleaning is told of it
    unnest(arg_max(
        struct_pack(source, locator, url, observed_at, fingerprint, how, media_type, hints),
        struct_pack(sighted := NOT is_again, observed_at, run_id))),
    unnest(arg_max(
        struct_pack(fate := CASE WHEN record_hash IS NULL THEN 'rejected' ELSE 'article' END,
            reason, article_id, content_hash, record_hash, cleaner_version), newness))
FROM looks GROUP BY item_id, coalesce(raw_sha256, record_hash);

CREATE OR REPLACE TEMP VIEW texts_kept AS
SELECT article_id, content_hash, cleaner_version, any_value(text) AS text
FROM lake_observations WHERE text IS NOT NULL
GROUP BY article_id, content_hash, cleaner_version;

CREATE OR REPLACE TEMP VIEW records_kept AS
SELECT article_id, record_hash, {record}
FROM lake_observations GROUP BY article_id, record_hash;

CREATE OR REPLACE TEMP VIEW documents AS
SELECT s.*, r.* EXCLUDE (article_id, record_hash, host), t.text,
    i.place."file" AS "file", i.place."offset" AS "offset", i.place.length AS length,
    i.place.size AS size, coalesce(s.media_type, i.place.media_type) AS kept_type,
    regexp_extract(s.url, '^https?://(?:www\.)?([^/:?#]+)', 1) AS host
FROM states s
LEFT JOIN records_kept r USING (article_id, record_hash)
LEFT JOIN texts_kept t USING (article_id, content_hash, cleaner_version)
LEFT JOIN (
    SELECT sha256, arg_min(struct_pack("file", "offset", length, size, media_type), "file") AS place
    FROM lake_raw_index GROUP BY sha256) i ON i.sha256 = s.raw_sha256;

CREATE OR REPLACE TEMP TABLE chosen AS
SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY observed_at, bytes) AS state
FROM documents
WHERE NOT coalesce(version_order(cleaner_version) >= version_order(
        coalesce(map(CAST($of AS VARCHAR[]), CAST($versions AS VARCHAR[]))[source], $version)),
    false)
  AND list_contains(coalesce($sources, [source]), source)
  AND ($site IS NULL OR lower(site) = lower($site) OR lower(host) = lower($site))
  AND (
    {where}
  );
