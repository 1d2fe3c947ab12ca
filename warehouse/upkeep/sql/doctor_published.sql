-- Each check gives the rows of the published version that are wrong.

-- check: published-ledger: a published run's ledger does not have the rows of the run
-- mend: copydesk publish --rebuild
SELECT r.run_id, r.items, count(l.run_id)
FROM runs r LEFT JOIN ledger l USING (run_id)
WHERE r.state = 'committed'
GROUP BY r.run_id, r.items HAVING r.items <> count(l.run_id);

-- check: one-current: an article does not have exactly one current revision
-- mend: copydesk publish --rebuild
SELECT article_id, count(*) FILTER (is_current) FROM revisions
GROUP BY article_id HAVING count(*) FILTER (is_current) <> 1;

-- check: chain: an article's revisions do not follow each other
-- mend: copydesk publish --rebuild
SELECT article_id, revision FROM (
    SELECT article_id, revision, valid_to,
        row_number() OVER history AS number,
        lead(valid_from) OVER history AS next
    FROM revisions WINDOW history AS (PARTITION BY article_id ORDER BY revision))
WHERE revision <> number OR valid_to IS DISTINCT FROM next;

-- check: sightings: sightings and revisions do not belong to the same articles
-- mend: copydesk publish --rebuild
SELECT article_id FROM (SELECT article_id, first_seen_at FROM sightings) s
FULL JOIN (SELECT article_id, valid_from FROM revisions WHERE revision = 1) r USING (article_id)
WHERE s.first_seen_at IS DISTINCT FROM r.valid_from;

-- check: article-rows: the table articles does not have one row per article
-- mend: copydesk publish --rebuild
SELECT (SELECT count(*) FROM articles) AS shown, (SELECT count(*) FROM sightings) AS there
WHERE shown <> there;

-- check: copies: duplicates and the articles' duplicate_of do not agree
-- mend: copydesk publish --rebuild
SELECT article_id FROM (SELECT article_id, duplicate_of FROM sightings
    WHERE duplicate_of IS NOT NULL) s
FULL JOIN (SELECT article_id, duplicate_of FROM duplicates WHERE relation <> 'contains') d
    USING (article_id)
WHERE s.duplicate_of IS DISTINCT FROM d.duplicate_of;

-- check: chains: a copy is named as the original of another article
-- mend: copydesk publish --rebuild
SELECT d.article_id, d.duplicate_of FROM duplicates d
JOIN duplicates o ON o.article_id = d.duplicate_of AND o.relation IN ('exact', 'near');

-- check: edges: a pair is listed in one direction only
-- mend: copydesk publish --rebuild
SELECT content_hash_a, content_hash_b FROM duplicate_edges e
WHERE NOT EXISTS (
    FROM duplicate_edges o
    WHERE o.content_hash_a = e.content_hash_b AND o.content_hash_b = e.content_hash_a);

-- check: duplicate-history: its last row for an article contradicts duplicates
-- mend: copydesk publish --rebuild
SELECT article_id FROM (
    SELECT article_id, arg_max(struct_pack(duplicate_of, relation), version) AS was
    FROM duplicate_history GROUP BY article_id) h
FULL JOIN (SELECT article_id, duplicate_of, relation FROM duplicates) d USING (article_id)
WHERE h.was.duplicate_of IS DISTINCT FROM d.duplicate_of
   OR h.was.relation IS DISTINCT FROM d.relation;

-- check: orphan-cuts: cuts of no revision
-- mend: copydesk publish --rebuild
SELECT DISTINCT article_id, content_hash FROM compact.cut_lists c
WHERE NOT EXISTS (
    FROM revisions r
    WHERE r.article_id = c.article_id AND r.content_hash = c.content_hash);
