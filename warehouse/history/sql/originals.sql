-- Where the bytes lie that records of web archives repeat.
-- In: lake_ledger, lake_raw_index; asked (number, record, place, digest): what each calls it by.
-- Out: number, and the surest original of it whose bytes are there.
WITH pages AS (
    SELECT raw_sha256, media_type, how, how['record'] AS record, how['digest'] AS digest,
        strftime(observed_at, '%Y%m%d%H%M%S') || ' ' || url AS place,
        struct_pack(observed_at, run_id) AS moment
    FROM lake_ledger
    WHERE raw_sha256 IS NOT NULL AND how IS NOT NULL
      AND how['text_of'] IS NULL  -- the text alone is no page
), named AS (
    SELECT number, 1 AS doubt, p.* FROM asked JOIN pages p USING (record)
    UNION ALL BY NAME
    SELECT number, 2 AS doubt, p.* FROM asked JOIN pages p USING (place)
    UNION ALL BY NAME
    SELECT number, 3 AS doubt, p.* FROM asked JOIN pages p USING (digest)
), places AS (
    SELECT sha256, arg_min(struct_pack("file", "offset", length), "file") AS lies
    FROM lake_raw_index
    WHERE sha256 IN (SELECT raw_sha256 FROM named)
    GROUP BY sha256
)
SELECT number, n.raw_sha256, lies."file", lies."offset", lies.length, n.media_type, n.how
FROM named n JOIN places ON sha256 = n.raw_sha256
QUALIFY row_number() OVER (PARTITION BY number ORDER BY doubt, moment DESC) = 1
ORDER BY number;
