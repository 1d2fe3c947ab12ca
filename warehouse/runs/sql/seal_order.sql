-- Two sightings of one article in one run, as of two documents with one canonical address: which is
-- the later one must not depend on which was read first by processes that run in parallel.
-- In: placed (batch, item_id, article_id, observed_at, place): the run's ledger rows with their
--     places in what was requested; $started_at, the run's start.
-- Out: moments (batch, item_id, observed_at): the times at which an article's documents were read,
--     handed out in the order of the request. Documents with times of their own keep them.
CREATE TEMP TABLE moments AS
WITH sightings AS (
    FROM placed
    WHERE article_id IS NOT NULL AND observed_at >= $started_at
    QUALIFY count(*) OVER (PARTITION BY article_id) > 1
), numbered AS (
    SELECT *,
        row_number() OVER (PARTITION BY article_id ORDER BY batch, place) AS number,
        row_number() OVER (PARTITION BY article_id ORDER BY observed_at) AS rank
    FROM sightings
)
SELECT requested.batch, requested.item_id,
    -- no two of them are equal
    observed.observed_at + to_microseconds(requested.number - 1) AS observed_at
FROM numbered requested JOIN numbered observed
    ON observed.article_id = requested.article_id AND observed.rank = requested.number;
