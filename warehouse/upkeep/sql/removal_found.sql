-- All that there is of the items in removed_items. In: every_ledger, every_observations,
-- every_raw_index; removal_id, which files bear that hold bytes which other items share.
WITH looks AS (
    SELECT * FROM every_ledger WHERE item_id IN (FROM removed_items)
), records AS (
    SELECT * FROM every_observations WHERE item_id IN (FROM removed_items)
), digests AS (
    SELECT raw_sha256 FROM looks WHERE raw_sha256 IS NOT NULL
    UNION SELECT raw_sha256 FROM records WHERE raw_sha256 IS NOT NULL
), names AS (
    SELECT url AS name FROM looks
    UNION SELECT locator FROM looks
    UNION SELECT url FROM records
    UNION SELECT locator FROM records
    UNION SELECT canonical_url FROM records WHERE canonical_url IS NOT NULL
)
SELECT
    (SELECT list(article_id) FROM removed_articles) AS articles,
    (SELECT list(item_id) FROM removed_items) AS items,
    (SELECT list(DISTINCT content_hash) FROM (
        SELECT content_hash FROM looks UNION SELECT content_hash FROM records)
        WHERE content_hash IS NOT NULL) AS contents,
    (SELECT list(raw_sha256) FROM digests) AS digests,
    (SELECT list(DISTINCT (file, "offset", length)) FROM every_raw_index
        WHERE sha256 IN (FROM digests) AND NOT contains(file, $removal_id)) AS ranges,
    (SELECT list(name) FROM names WHERE NOT starts_with(name, 'forgotten:')) AS names,
    (SELECT list(DISTINCT run_id) FROM looks) AS runs;
