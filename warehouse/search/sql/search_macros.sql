-- Search in the published file: plain macros, so that any DuckDB client has them.
-- Index and query cut and fold words by the same macros.

-- A text as it is cut: lower case, NFC, without soft hyphens. {COMPOSED} letters are in NFC.
CREATE MACRO search_nfc(value) AS
    CASE WHEN regexp_matches(value, '[^{COMPOSED}]') THEN nfc_normalize(value) ELSE value END;
CREATE MACRO search_plain(value) AS lower(search_nfc(replace(value, chr(173), '')));

-- Words as they stand. {WORD} a word, {RUN} a run of a script without spaces.
CREATE MACRO search_runs(value) AS
    regexp_extract_all(search_plain(value), '{WORD}|{RUN}');

-- A run of n letters is its n - 1 pairs: what readers look for is a part of it.
CREATE MACRO search_pairs(run) AS
    CASE WHEN length(run) = 1 THEN [run] ELSE
        list_filter(
            flatten(list_transform(
                list_zip(
                    regexp_extract_all(run, '(?s)..'),
                    regexp_extract_all(substring(run, 2), '(?s)..')),
                lambda two: [two[1], two[2]])),
            lambda pair: pair IS NOT NULL)
    END;

CREATE MACRO search_words(value) AS
    CASE WHEN regexp_matches(value, '{SPACELESS}')
        THEN flatten(list_transform(search_runs(value), lambda run:
            CASE WHEN regexp_matches(run, '^{SPACELESS}') THEN search_pairs(run) ELSE [run] END))
        ELSE search_runs(value)
    END;

-- One form for a word's spellings: without accents, vowel signs and the Arabic article.
CREATE MACRO search_fold(word) AS CASE
    WHEN regexp_matches(word, '^[a-z0-9]+$') THEN word
    WHEN regexp_matches(word, '\p{Arabic}') THEN
        -- prefixes of the stemmer light10 (Larkey et al. 2002), where three letters stay
        regexp_replace(
            translate(strip_accents(word), '{ARABIC}', '{ARABIC_FOLDED}'),
            '^(?:وال|بال|كال|فال|ال|لل|و)(.{3,})$', '\1')
    WHEN regexp_matches(word, '[\p{Latin}\p{Greek}\p{Hebrew}]') THEN
        replace(replace(replace(replace(replace(replace(
            translate(strip_accents(word), '{LETTERS}', '{LETTERS_FOLDED}'),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), 'ﬁ', 'fi'), 'ﬂ', 'fl')
    WHEN regexp_matches(word, '\p{Cyrillic}') THEN
        -- stress marks go; й and ї are letters of their own
        translate(regexp_replace(word, '[\x{300}\x{301}]', '', 'g'), 'ёѐѝ', 'еeи')
    ELSE translate(word, '{DIGITS}', '{DIGITS_FOLDED}')
END;

CREATE MACRO search_tokens(value) AS
    list_transform(search_words(value), lambda word: search_fold(word));

-- ä, ö, ü as they are written without an umlaut key.
CREATE MACRO search_spelt(word) AS replace(replace(replace(word, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue');

-- A query's parts as they are written.
CREATE MACRO search_parts(query) AS
    regexp_extract_all(translate(query, '“”„‟«»', '""""""'), '{CLAUSE}');

-- Whether a part's last word is a beginning (peace*), its first word an end (*fire).
CREATE MACRO search_begins(part) AS regexp_matches(part, '[^*"]\*"?$');
CREATE MACRO search_ends(part) AS regexp_matches(part, '^(?:title:)?"?\*[^*"]');

-- A query's clauses: words, "phrases", -without, field:value, a OR b, begin*, *end.
-- Clauses of one `choice` are alternatives.
CREATE MACRO search_clauses(query) AS TABLE
WITH cut AS (
    SELECT unnest(parts) AS part, generate_subscripts(parts, 1) AS clause
    FROM (SELECT search_parts(query) AS parts)
), split AS (
    SELECT clause, part = 'OR' AS is_or,
        unnest(regexp_extract(part,
            '^(-?)(?:(title|author|site|source|language|url):)?((?s:.*))$',
            ['minus', 'field', 'value']))
    FROM cut
), worded AS MATERIALIZED (
    SELECT *, search_words(value) AS words,
        coalesce(lag(is_or) OVER (ORDER BY clause), false) AS is_alternative
    FROM split
)
SELECT clause, minus = '-' AS excluded, field, words,
    list_transform(words, lambda word: search_fold(word)) AS tokens,
    -- 1, 2 … at each clause that begins a new choice
    sum(CASE WHEN is_alternative THEN 0 ELSE 1 END) OVER (ORDER BY clause) AS choice,
    search_begins(value) AS begins, search_ends(value) AS ends
FROM worded
WHERE NOT is_or AND len(words) > 0;

-- Every current article that a query finds, with its score (BM25, a word of the title counts
-- {TITLE} times). All clauses must match; of alternatives one.
CREATE MACRO search_hits(query) AS TABLE
WITH clauses AS MATERIALIZED (FROM search_clauses(query)),
asked AS MATERIALIZED (
    SELECT clause, len(tokens) AS places, unnest(tokens) AS token, unnest(words) AS written,
        generate_subscripts(tokens, 1) AS place, begins, ends
    FROM clauses WHERE field IN ('', 'title')
), forms AS (
    SELECT clause, places, place, token AS word, false AS umlaut FROM asked
    UNION
    SELECT clause, places, place, search_fold(search_spelt(written)), false
    FROM asked WHERE regexp_matches(written, '[äöü]')
    UNION
    SELECT clause, places, place, regexp_replace(token, '([aou])e', '\1', 'g'), true
    FROM asked WHERE regexp_matches(token, '[aou]e')
), patterns AS (
    SELECT clause, places, place, token || '%' AS pattern FROM asked
    WHERE begins AND place = places AND NOT regexp_matches(token, '{SPACELESS}')
    UNION ALL
    SELECT clause, places, place, '%' || token FROM asked
    WHERE ends AND place = 1 AND NOT regexp_matches(token, '{SPACELESS}')
    UNION ALL
    -- a letter of a script without spaces is a part of pairs
    SELECT clause, places, place, unnest([token || '_', '_' || token]) FROM asked
    WHERE places = 1 AND length(token) = 1 AND regexp_matches(token, '{SPACELESS}')
),
wanted AS MATERIALIZED (
    -- the terms that stand for each place of a clause
    SELECT clause, places, place, term
    FROM forms f JOIN search_index.terms t ON t.word = f.word AND (t.umlaut OR NOT f.umlaut)
    UNION
    SELECT clause, places, place, term
    FROM patterns p JOIN search_index.terms t ON t.word LIKE p.pattern
),
size AS MATERIALIZED (SELECT count(*) AS documents, avg(words) AS words FROM search_index.documents),
found AS MATERIALIZED (
    SELECT d.doc, d.title_words, w.clause, w.places, w.place, p.times, p.title_times,
        CASE WHEN w.places > 1 THEN p.places END AS stands
    FROM search_index.postings p
    JOIN wanted w USING (term)
    JOIN search_index.documents d USING (doc)
), several AS (
    -- documents with all words of a phrase
    SELECT doc, clause FROM found WHERE places > 1
    GROUP BY doc, clause, places HAVING count(DISTINCT place) = places
), starts AS (
    SELECT doc, title_words, clause, places, place, unnest(stands) - place + 1 AS start
    FROM found SEMI JOIN several USING (doc, clause)
), phrases AS (
    SELECT doc, title_words, clause, start FROM starts
    GROUP BY doc, title_words, clause, places, start HAVING count(DISTINCT place) = places
), counts AS (
    SELECT doc, clause, sum(times) AS times, sum(title_times) AS title_times
    FROM found WHERE places = 1 GROUP BY doc, clause
    UNION ALL
    SELECT doc, clause, count(*), count(*) FILTER (start <= title_words)
    FROM phrases GROUP BY doc, clause
), matching AS MATERIALIZED (
    SELECT c.doc, c.clause, c.times, c.title_times
    FROM counts c JOIN clauses q USING (clause)
    WHERE q.field = '' OR c.title_times > 0
), rarity AS (
    SELECT clause, ln(1 + (any_value(s.documents) - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM matching, size s GROUP BY clause
), fields AS (
    SELECT DISTINCT field, true AS yes FROM clauses WHERE field NOT IN ('', 'title')
), facts AS NOT MATERIALIZED (
    SELECT f.field, r.article_id, unnest(CASE f.field
        WHEN 'author' THEN r.authors WHEN 'site' THEN [r.site] WHEN 'source' THEN [r.source]
        WHEN 'language' THEN [r.language] ELSE [r.url] END) AS value
    FROM revisions r JOIN fields f ON r.is_current = f.yes
), stated AS (
    SELECT f.article_id, q.clause
    FROM facts f JOIN (
        SELECT v.field, v.value, c.clause
        FROM (SELECT DISTINCT field, value FROM facts WHERE value IS NOT NULL) v
        JOIN clauses c ON c.field = v.field
            AND contains(' ' || array_to_string(search_tokens(v.value), ' ') || ' ',
                         ' ' || array_to_string(c.tokens, ' ') || ' ')
    ) q USING (field, value)
), scored AS (
    SELECT m.doc, m.clause,
        w.weight * (m.times + {TITLE_MORE} * m.title_times) * 2.2
        / (m.times + {TITLE_MORE} * m.title_times
            + 1.2 * (0.25 + 0.75 * d.words / s.words)) AS score
    FROM matching m JOIN rarity w USING (clause) JOIN search_index.documents d USING (doc), size s
    UNION ALL
    SELECT DISTINCT d.doc, t.clause, 0
    FROM stated t JOIN search_index.documents d USING (article_id)
), chosen AS (
    SELECT s.doc, sum(s.score) AS score
    FROM scored s JOIN clauses c USING (clause)
    GROUP BY s.doc
    HAVING NOT bool_or(c.excluded)
        AND count(DISTINCT c.choice) = (
            SELECT count(DISTINCT choice) FROM clauses WHERE NOT excluded)
)
SELECT d.article_id, c.score
FROM chosen c JOIN search_index.documents d USING (doc);

-- A query's parts that look for words in texts.
CREATE MACRO search_sought(query) AS
    list_filter(search_parts(query), lambda part:
        NOT regexp_matches(part, '^(?:-|OR$|(?:author|site|source|language|url):)'));

-- The forms that a part's words may have in a text: whole runs of scripts without spaces.
CREATE MACRO search_forms(part) AS
    flatten(list_transform(search_runs(regexp_replace(part, '^title:', '')), lambda run: [
        search_fold(run), search_fold(search_spelt(run)),
        regexp_replace(search_fold(run), '([aou])e', '\1', 'g')]));

-- All of them; those of which the beginning or the end is enough.
CREATE MACRO search_marks(query) AS struct_pack(
    words := list_distinct(
        flatten(list_transform(search_sought(query), lambda part: search_forms(part)))),
    begins := flatten(list_transform(
        list_filter(search_sought(query), lambda part: search_begins(part)),
        lambda part: search_forms(regexp_extract(part, '[^\s"]*"?$')))),
    ends := flatten(list_transform(
        list_filter(search_sought(query), lambda part: search_ends(part)),
        lambda part: search_forms(regexp_extract(part, '^(?:title:)?"?[^\s"]*')))));

-- A text with its hits between chr(57344) and chr(57345), which no text has; white space joined.
CREATE MACRO search_marked(value, marks) AS
    array_to_string(list_transform(
        regexp_extract_all(
            nfc_normalize(regexp_replace(replace(value, chr(173), ''), '\s+', ' ', 'g')),
            '{WORD}|{RUN}|[{OUTSIDE}\p{M}]+'),
        lambda piece: CASE
            WHEN regexp_matches(piece, '^{SPACELESS}') THEN
                list_reduce(list_prepend(piece, marks.words), lambda text, word:
                    replace(text, word, chr(57344) || word || chr(57345)))
            WHEN list_contains(marks.words, search_fold(lower(piece)))
                OR len(list_filter(marks.begins,
                    lambda part: starts_with(search_fold(lower(piece)), part))) > 0
                OR len(list_filter(marks.ends,
                    lambda part: ends_with(search_fold(lower(piece)), part))) > 0
                THEN chr(57344) || piece || chr(57345)
            ELSE piece END), '');

-- Of the stretches around hits the one with most different hits, the first of them.
CREATE MACRO search_stretch(marked) AS
    list_transform(
        [regexp_extract_all(marked, '.{0,60}\x{E000}[^\x{E001}]*\x{E001}.{0,140}')],
        lambda stretches: CASE WHEN len(stretches) = 0 THEN left(marked, 200) ELSE
            list_transform(
                [list_transform(stretches, lambda stretch: len(list_distinct(
                    regexp_extract_all(lower(stretch), '\x{E000}([^\x{E001}]*)\x{E001}', 1))))],
                lambda counts: stretches[list_position(counts, list_max(counts))])[1]
        END)[1];

-- Part of a text with the hits of a query marked.
CREATE MACRO search_snippet(value, query, before := '**', after := '**') AS
    list_transform(
        list_transform([search_marks(query)], lambda marks: search_marked(value, marks)),
        lambda marked: list_transform(
            [search_stretch(marked)],
            lambda stretch:
                CASE WHEN starts_with(marked, stretch) THEN '' ELSE '… ' END
                || replace(replace(
                    -- no half words at the ends, no half mark
                    regexp_replace(
                        CASE WHEN starts_with(marked, stretch) THEN stretch
                            ELSE regexp_replace(stretch, '^[^ \x{E000}]{0,20} ', '') END,
                        CASE WHEN ends_with(marked, stretch) THEN '$'
                            ELSE '(?: [^ \x{E001}]{1,20}|\x{E000}[^\x{E001}]*)$' END, ''),
                    chr(57344), before), chr(57345), after)
                || CASE WHEN ends_with(marked, stretch) THEN '' ELSE ' …' END)[1])[1];

-- The best hits of a query with their articles. Of copies of one story the best is shown and
-- names the others in `copies`, unless `copies` is true. Days count by publication, else by
-- first sight.
CREATE MACRO search(query, hits := 20, copies := false, since := NULL, until := NULL,
    in_source := NULL, in_site := NULL, in_language := NULL, before := '**', after := '**') AS TABLE
WITH found AS (
    SELECT h.article_id, h.score, s.duplicate_of,
        make_timestamp(epoch_us(coalesce(r.published_at, s.first_seen_at))) AS day  -- UTC
    FROM search_hits(query) h
    JOIN revisions r ON r.article_id = h.article_id AND r.is_current
    JOIN sightings s ON s.article_id = h.article_id
    WHERE (since IS NULL OR day >= CAST(since AS DATE))
        AND (until IS NULL OR day < CAST(until AS DATE) + INTERVAL 1 DAY)
        AND (in_source IS NULL OR r.source = in_source)
        AND (in_site IS NULL OR lower(r.site) = lower(in_site))
        AND (in_language IS NULL OR lower(r.language) = lower(in_language)
            OR starts_with(lower(r.language), lower(in_language) || '-'))
), stories AS (
    SELECT f.*, row_number() OVER story AS place, list(f.article_id) OVER (
            PARTITION BY CASE WHEN copies THEN f.article_id
                ELSE coalesce(f.duplicate_of, f.article_id) END) AS members
    FROM found f
    WINDOW story AS (
        PARTITION BY CASE WHEN copies THEN f.article_id
            ELSE coalesce(f.duplicate_of, f.article_id) END
        ORDER BY f.duplicate_of IS NOT NULL, f.score DESC, f.article_id)
), best AS MATERIALIZED (
    SELECT t.* FROM stories t WHERE t.place = 1
    ORDER BY t.score DESC, t.day DESC, t.article_id LIMIT hits
)
SELECT row_number() OVER (ORDER BY b.score DESC, b.day DESC, b.article_id) AS rank, b.score,
    r.article_id, r.title, r.url, r.site, r.source, r.language, r.published_at, b.duplicate_of,
    list_sort(list_filter(b.members, lambda one: one <> b.article_id)) AS copies,
    search_snippet(concat_ws(' ', r.standfirst, r.text), query,
        before := before, after := after) AS snippet
FROM best b JOIN revisions r ON r.article_id = b.article_id AND r.is_current
ORDER BY rank;

-- Each place of a query's words in the current texts, with `width` words before and after it.
CREATE MACRO kwic(query, width := 8) AS TABLE
WITH marked AS MATERIALIZED (
    SELECT r.article_id, r.title,
        string_split(search_marked(r.text, search_marks(query)), chr(57344)) AS parts
    FROM search_hits(query) h JOIN revisions r ON r.article_id = h.article_id AND r.is_current
), hits AS (
    SELECT article_id, title, parts, unnest(generate_series(2, len(parts))) AS place
    FROM marked WHERE len(parts) > 1
), stretches AS (
    -- a part holds a word at least, so that so many parts hold enough of them
    SELECT article_id, title, place - 1 AS number, split_part(parts[place], chr(57345), 1) AS match,
        replace(array_to_string(
            parts[greatest(1, place - width):place - 1], ''), chr(57345), '') AS head,
        replace(split_part(parts[place], chr(57345), 2)
            || array_to_string(parts[place + 1:place + width], ''), chr(57345), '') AS tail
    FROM hits
)
SELECT article_id, title, number,
    trim(regexp_extract(
        right(head, 40 * width), '(?:\S+\s+){0,' || width || '}\S*$')) AS before,
    match,
    trim(regexp_extract(
        left(tail, 40 * width), '^\S*(?:\s+\S+){0,' || width || '}')) AS after
FROM stretches ORDER BY article_id, number;
