SELECT language, count(*) AS articles, sum(word_count)::BIGINT AS words,
    quantile_cont(word_count, 0.25)::DOUBLE AS lower, median(word_count)::DOUBLE AS median,
    quantile_cont(word_count, 0.75)::DOUBLE AS upper, max(word_count) AS longest
FROM chosen GROUP BY language ORDER BY articles DESC, language NULLS LAST;
