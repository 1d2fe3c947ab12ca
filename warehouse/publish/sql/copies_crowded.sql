-- In: crowded (content_hash). Out: doubtful, the pairs that have to be weighed again.
CREATE OR REPLACE TEMP TABLE doubtful AS
FROM duplicate_edges
WHERE content_hash_a IN (SELECT content_hash FROM crowded)
  AND content_hash_b IN (SELECT content_hash FROM crowded);
