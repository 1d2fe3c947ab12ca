-- In: fresh_contents (content_hash): they were compared with everything;
--     found: all their pairs, both ways.
INSERT INTO paired
SELECT content_hash_a FROM found
UNION
SELECT content_hash_b FROM duplicate_edges
WHERE content_hash_a IN (SELECT content_hash FROM fresh_contents);

DELETE FROM duplicate_edges
WHERE content_hash_a IN (SELECT content_hash FROM fresh_contents)
   OR content_hash_b IN (SELECT content_hash FROM fresh_contents);
INSERT INTO duplicate_edges BY NAME FROM found ORDER BY content_hash_a, content_hash_b;
