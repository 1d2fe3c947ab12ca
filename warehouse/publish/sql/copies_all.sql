-- Where everything is compared with everything, nothing is looked up.
-- In: lake_shingles, lake_signatures. Out: what a comparison reads.
CREATE TEMP VIEW signatures AS FROM lake_signatures;

CREATE TEMP VIEW fresh_shingles AS SELECT content, hash FROM lake_shingles;

CREATE TEMP VIEW known_shingles AS FROM fresh_shingles WHERE false;

CREATE TEMP VIEW unseen AS SELECT content FROM lake_signatures;
