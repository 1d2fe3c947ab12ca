-- Classes of length, each twice as wide as the one before: 0 is under 50 words, 1 under 100 …
SELECT CASE WHEN word_count < 50 THEN 0
    ELSE least(8, 1 + floor(log2(word_count / 50.0))::INTEGER) END AS class,
    language, count(*) AS articles
FROM chosen GROUP BY ALL ORDER BY ALL;
