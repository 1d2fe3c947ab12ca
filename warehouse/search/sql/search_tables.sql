-- The index of the current texts' words. A schema of its own: analysts call the macros.
CREATE SCHEMA search_index;

-- A text that is found; it is gone from here when it is no longer current, and its postings
-- then count for nothing.
CREATE TABLE search_index.documents (
    doc INTEGER NOT NULL,
    article_id VARCHAR NOT NULL,
    record_hash VARCHAR NOT NULL,
    words INTEGER NOT NULL,  -- of title, standfirst and text
    title_words INTEGER NOT NULL
);

-- umlaut: somewhere it was written with ä, ö or ü, so that ae, oe and ue may stand for it
CREATE TABLE search_index.terms (
    term INTEGER NOT NULL,
    word VARCHAR NOT NULL,
    umlaut BOOLEAN NOT NULL
);

-- Where a term stands in a document: title, standfirst and text are counted on, with a gap.
-- Each batch of documents is in the order of terms, so that a look-up reads few row groups.
CREATE TABLE search_index.postings (
    term INTEGER NOT NULL,
    doc INTEGER NOT NULL,
    times INTEGER NOT NULL,
    title_times INTEGER NOT NULL,
    places INTEGER[] NOT NULL
);
