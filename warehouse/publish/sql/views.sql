-- Days by make_timestamp(epoch_us(…)), in UTC: zones need an extension, which a browser would fetch.
CREATE OR REPLACE VIEW articles AS
SELECT {articles}
FROM revisions r JOIN sightings s USING (article_id)
WHERE r.is_current;

CREATE OR REPLACE VIEW articles_by_day AS
SELECT CAST(make_timestamp(epoch_us(published_at)) AS DATE) AS day, site, count(*) AS articles,
    CAST(sum(word_count) AS BIGINT) AS words,
    count(duplicate_of) AS copies
FROM articles GROUP BY ALL ORDER BY day DESC, site;

CREATE OR REPLACE VIEW freshness AS
SELECT s.source, s.articles, a.newest_published_at, a.newest_article_at, s.last_seen_at,
    r.last_run_at
FROM sources s
LEFT JOIN (
    SELECT source, max(published_at) AS newest_published_at,
        max(first_seen_at) AS newest_article_at
    FROM articles GROUP BY source) a USING (source)
LEFT JOIN (
    SELECT source, max(finished_at) AS last_run_at
    FROM (SELECT DISTINCT source, run_id FROM ledger) l JOIN (
        SELECT run_id, finished_at FROM runs WHERE flow <> 'reclean') USING (run_id)
    GROUP BY ALL) r USING (source)
ORDER BY s.last_seen_at;

CREATE OR REPLACE VIEW reject_reasons AS
SELECT source, reason, count(DISTINCT item_id) AS items, max(observed_at) AS last_seen_at,
    arg_max(url, observed_at) AS example
FROM rejects GROUP BY source, reason ORDER BY items DESC, source, reason;

CREATE OR REPLACE VIEW duplicate_clusters AS
SELECT a.article_id, any_value(a.title) AS title, count(*) AS copies,
    count(*) FILTER (d.relation = 'near') AS near,
    list_sort(list_distinct(list_append(list(c.source), any_value(a.source)))) AS sources,
    list_sort(list(d.article_id)) AS article_ids
FROM duplicates d
JOIN articles a ON a.article_id = d.duplicate_of
JOIN articles c ON c.article_id = d.article_id
WHERE d.relation IN ('exact', 'near')
GROUP BY a.article_id ORDER BY copies DESC, a.article_id;

CREATE OR REPLACE VIEW text_lengths AS
SELECT language, count(*) AS articles, min(word_count) AS shortest,
    CAST(median(word_count) AS DOUBLE) AS median, max(word_count) AS longest
FROM articles GROUP BY language ORDER BY articles DESC, language;

CREATE OR REPLACE VIEW slices AS
SELECT slice_key, max_by(source, moment) AS source, max_by(run_id, moment) AS run_id,
    max_by(started_at, moment) AS started_at, max_by(finished_at, moment) AS finished_at,
    max_by(items, moment) AS items, max_by("new", moment) AS "new",
    max_by(revised, moment) AS revised, max_by(rejected, moment) AS rejected,
    max_by(failed, moment) AS failed,
    CASE WHEN max_by(failed + gone, moment) = 0 THEN 'done' ELSE 'incomplete' END AS state,
    count(*) AS runs
FROM (
    SELECT *, struct_pack(started_at, run_id) AS moment
    FROM runs WHERE state = 'committed' AND slice_key IS NOT NULL)
GROUP BY slice_key ORDER BY slice_key;

-- What changed after a version (a number) or a moment. Titles and addresses are today's.
CREATE OR REPLACE MACRO changes_since(cursor_) AS TABLE
SELECT c.version, c.published_at, c.kind, c.article_id, c.revision, c."change", r.title, r.url,
    coalesce(r.source, c.source) AS source, c.duplicate_of, c.relation, c.run_id, c.detail
FROM (
    SELECT *, NULL AS duplicate_of, NULL AS relation FROM changes WHERE kind <> 'began'
    UNION ALL BY NAME
    SELECT version, since AS published_at,
        CASE WHEN duplicate_of IS NULL THEN 'copy_ended' ELSE 'copy' END AS kind,
        article_id, duplicate_of, relation
    FROM duplicate_history) c
LEFT JOIN (SELECT article_id, title, url, source FROM revisions WHERE is_current) r
    ON r.article_id = c.article_id
WHERE CASE WHEN regexp_full_match(CAST(cursor_ AS VARCHAR), '[0-9]+')
    THEN c.version > TRY_CAST(CAST(cursor_ AS VARCHAR) AS BIGINT)
    ELSE c.published_at > CAST(CAST(cursor_ AS VARCHAR) AS TIMESTAMPTZ) END
ORDER BY c.version, c.kind, c.article_id, c.revision, c.run_id;
