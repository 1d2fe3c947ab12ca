-- In: doubtful, settled (the pairs of doubtful that remain).
DELETE FROM duplicate_edges
WHERE (content_hash_a, content_hash_b) IN (
    SELECT (content_hash_a, content_hash_b) FROM doubtful);
INSERT INTO duplicate_edges BY NAME FROM settled ORDER BY content_hash_a, content_hash_b;
INSERT INTO paired SELECT DISTINCT content_hash_a FROM doubtful;
