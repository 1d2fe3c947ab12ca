-- Items by what they are now, with the articles that they gave.
SELECT i.fate, count(*) AS items, count(DISTINCT r.article_id) AS articles
FROM items i
LEFT JOIN (SELECT DISTINCT stored_as, article_id FROM revisions) r ON r.stored_as = i.article_id
GROUP BY i.fate ORDER BY items DESC, i.fate;
