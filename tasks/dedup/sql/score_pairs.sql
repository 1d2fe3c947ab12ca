-- Keeps the pairs that are copies, and says how close they are.
-- In: counts (content_a, content_b, shared; any number of rows a pair, one a range of hashes),
--     signatures (SIGNATURES);
--     variables: least_shared, jaccard, containment, least_numbers, unguarded, part, form_….
-- Out: edges, both directions of each pair.

CREATE OR REPLACE TEMP TABLE pairs AS
SELECT
    least(content_a, content_b) AS low, greatest(content_a, content_b) AS high,
    sum(shared)::BIGINT AS shared
FROM counts
GROUP BY ALL
HAVING sum(shared) >= getvariable('least_shared');

CREATE OR REPLACE TEMP TABLE sizes AS
SELECT content, any_value(content_hash) AS content_hash, any_value(shingles) AS shingles
FROM signatures
WHERE content IN (SELECT low FROM pairs UNION SELECT high FROM pairs)
GROUP BY content;

CREATE OR REPLACE TEMP TABLE alike AS
SELECT
    low, high, shared,
    a.content_hash AS hash_a, b.content_hash AS hash_b,
    a.shingles AS size_a, b.shingles AS size_b,
    shared / (a.shingles + b.shingles - shared) AS jaccard,
    shared / least(a.shingles, b.shingles) AS containment
FROM pairs
JOIN sizes a ON a.content = low
JOIN sizes b ON b.content = high
WHERE jaccard >= getvariable('jaccard') OR containment >= getvariable('containment');

CREATE OR REPLACE TEMP TABLE facts AS
SELECT
    content,
    -- packed in two bytes each: four hexadecimal digits
    regexp_extract_all(hex(any_value(numbers)), '....') AS numbers,
    regexp_extract_all(hex(any_value(names)), '....') AS names,
    regexp_extract_all(hex(any_value(openers)), '....') AS openers
FROM signatures
WHERE content IN (SELECT low FROM alike UNION SELECT high FROM alike)
GROUP BY content;

CREATE OR REPLACE TEMP TABLE edges AS
WITH compared AS (
    SELECT
        s.*,
        least(len(a.numbers), len(b.numbers)) AS most_numbers,
        least(len(a.names), len(b.names)) AS most_names,
        len(list_intersect(a.numbers, b.numbers)) AS same_numbers,
        len(list_intersect(a.names, b.names)) AS common_names,
        -- where lines are joined or cut, a name may open a sentence in one text alone
        CASE
            WHEN len(a.names) <= len(b.names)
                THEN common_names + len(list_intersect(a.names, b.openers))
            ELSE common_names + len(list_intersect(b.names, a.openers))
        END AS same_names,
        -- facts of each that the other lacks
        len(a.numbers) - same_numbers + len(a.names) - common_names
            - len(list_intersect(a.names, b.openers)) AS own_a,
        len(b.numbers) - same_numbers + len(b.names) - common_names
            - len(list_intersect(b.names, a.openers)) AS own_b,
        least(own_a, own_b) AS own,
        least(len(a.numbers) + len(a.names), len(b.numbers) + len(b.names)) AS most_facts
    FROM alike s
    JOIN facts a ON a.content = low
    JOIN facts b ON b.content = high
), guarded AS (
    SELECT * FROM compared
    WHERE (most_numbers < getvariable('least_numbers') OR 2 * same_numbers > most_numbers)
      AND (most_names = 0 OR 2 * same_names > most_names)
      AND (most_numbers >= getvariable('least_numbers') OR most_names > 0
           OR jaccard >= getvariable('unguarded') OR containment >= getvariable('containment'))
      AND NOT (
        own >= getvariable('form_facts')
        AND own >= getvariable('form_share') * most_facts
        AND own >= getvariable('form_density') * (least(size_a, size_b) - shared)
        AND greatest(own_a, own_b) <= getvariable('form_balance') * own
        AND shared <= getvariable('form_shared')
        AND containment < getvariable('form_containment'))
), both_ways AS (
    SELECT hash_a, hash_b, size_a, size_b, * EXCLUDE (hash_a, hash_b, size_a, size_b) FROM guarded
    UNION ALL
    SELECT hash_b, hash_a, size_b, size_a, * EXCLUDE (hash_a, hash_b, size_a, size_b) FROM guarded
)
SELECT
    hash_a AS content_hash_a, hash_b AS content_hash_b,
    CASE
        WHEN containment < getvariable('containment') THEN 'near'
        WHEN size_a <= size_b * getvariable('part') THEN 'contained'
        WHEN size_b <= size_a * getvariable('part') THEN 'contains'
        ELSE 'near'
    END AS relation,
    shared, jaccard, containment,
    same_numbers / nullif(most_numbers, 0) AS numbers,
    same_names / nullif(most_names, 0) AS names
FROM both_ways
ORDER BY content_hash_a, content_hash_b;
