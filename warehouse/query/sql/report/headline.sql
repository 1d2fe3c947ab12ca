SELECT count(article_id) AS articles, coalesce(sum(word_count), 0)::BIGINT AS words,
    count(duplicate_of) AS copies, count(DISTINCT source) AS sources,
    count(DISTINCT site) AS sites, count(DISTINCT language) AS languages,
    count(*) FILTER (revision > 1) AS revised,
    median(word_count)::DOUBLE AS median_words,
    min(first_seen_at) AS first_seen_at, max(first_seen_at) AS newest_at,
    count(*) FILTER (first_seen_at > scope.now - INTERVAL 7 DAY) AS week,
    count(*) FILTER (first_seen_at <= scope.now - INTERVAL 7 DAY
        AND first_seen_at > scope.now - INTERVAL 14 DAY) AS week_before
FROM scope LEFT JOIN chosen ON true GROUP BY scope.now;
