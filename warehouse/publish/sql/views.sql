-- Days by make_timestamp(epoch_us(…)), in UTC: zones need an extension, which a browser would fetch.
-- The host of an address without www., for rows of releases that stored no registrable domain.
CREATE OR REPLACE MACRO host_of(url) AS
    nullif(regexp_extract(lower(url), '^https?://(?:[^/?#@]*@)?(?:www\.)?([^/:?#]+)', 1), '');

CREATE OR REPLACE VIEW articles AS
SELECT {articles}
FROM revisions r JOIN sightings s USING (article_id)
WHERE r.is_current;

CREATE OR REPLACE VIEW unreserved_articles AS
FROM articles
WHERE coalesce(cardinality(reservations), 0) = 0 AND coalesce(access, 'free') = 'free';

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
    list_sort(list(d.article_id)) AS article_ids,
    list_sort(list_distinct(list_append(
        list(coalesce(c.host, c.site, c.source)),
        any_value(coalesce(a.host, a.site, a.source))))) AS outlets
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

-- What every analysis by outlet starts from: one row an article, without its text.
CREATE OR REPLACE VIEW article_outlets AS
SELECT article_id, coalesce(host, site, source) AS outlet,
    coalesce(published_at, first_seen_at) AS moment
FROM articles;

CREATE OR REPLACE VIEW copies AS
SELECT d.article_id, a.title, a.url, o.outlet, a.published_at, a.authors,
    d.duplicate_of AS original_id, b.title AS original_title, b.url AS original_url,
    p.outlet AS original_outlet, b.published_at AS original_published_at,
    b.authors AS original_authors,
    (epoch_us(o.moment) - epoch_us(p.moment)) / 3600e6 AS lag_hours,
    d.relation, d.jaccard, d.containment
FROM duplicates d
JOIN articles a ON a.article_id = d.article_id
JOIN articles b ON b.article_id = d.duplicate_of
JOIN article_outlets o ON o.article_id = d.article_id
JOIN article_outlets p ON p.article_id = d.duplicate_of;

CREATE OR REPLACE VIEW authors AS
SELECT unnest(a.authors) AS author, generate_subscripts(a.authors, 1) AS "position",
    a.article_id, o.outlet, a.published_at
FROM articles a JOIN article_outlets o USING (article_id);

CREATE OR REPLACE VIEW tags AS
SELECT unnest(a.tags) AS tag, generate_subscripts(a.tags, 1) AS "position",
    a.article_id, o.outlet, a.published_at
FROM articles a JOIN article_outlets o USING (article_id);

CREATE OR REPLACE VIEW article_reservations AS
SELECT article_id, outlet, reserved.key AS kind, reserved.value AS evidence
FROM (
    SELECT a.article_id, o.outlet, unnest(map_entries(a.reservations)) AS reserved
    FROM articles a JOIN article_outlets o USING (article_id));

CREATE OR REPLACE VIEW gone AS
SELECT a.article_id, a.title, a.url, o.outlet, a.published_at, a.last_seen_at, a.gone_at, l.reason
FROM articles a
JOIN article_outlets o USING (article_id)
LEFT JOIN (
    SELECT item_id, observed_at, any_value(reason) AS reason
    FROM ledger WHERE fate = 'gone' GROUP BY ALL) l
    ON l.item_id = a.item_id AND l.observed_at = a.gone_at
WHERE a.gone_at IS NOT NULL;

CREATE OR REPLACE VIEW edits AS
SELECT r.article_id, r.revision, r.valid_from AS changed_at, r.change, r.share_changed,
    p.title AS title_before, r.title AS title, p.modified_at AS modified_at_before, r.modified_at,
    r.url, o.outlet
FROM revisions r
JOIN revisions p ON p.article_id = r.article_id AND p.revision = r.revision - 1
JOIN article_outlets o ON o.article_id = r.article_id
WHERE r.cause = 'content' AND r.content_hash <> p.content_hash;

CREATE OR REPLACE VIEW headline_changes AS
SELECT article_id, revision, changed_at, title_before, title, change, share_changed, url, outlet
FROM edits WHERE title <> title_before;

CREATE OR REPLACE VIEW silent_edits AS
SELECT article_id, revision, changed_at, change, share_changed, modified_at, title, url, outlet
FROM edits
WHERE modified_at IS NOT DISTINCT FROM modified_at_before AND change <> 'formatting';

CREATE OR REPLACE VIEW outlets AS
SELECT o.outlet, count(*) AS articles, CAST(sum(a.word_count) AS BIGINT) AS words,
    count(a.duplicate_of) AS copies,
    count(*) FILTER (o.article_id IN (SELECT duplicate_of FROM duplicates)) AS copied,
    count(*) FILTER (o.article_id IN (SELECT article_id FROM edits)) AS edited,
    count(*) FILTER (o.article_id IN (SELECT article_id FROM silent_edits)) AS silently_edited,
    count(*) FILTER (o.article_id IN (SELECT article_id FROM gone)) AS gone,
    min(o.moment) AS first_at, max(o.moment) AS last_at
FROM article_outlets o JOIN articles a USING (article_id)
GROUP BY o.outlet ORDER BY articles DESC, o.outlet;
