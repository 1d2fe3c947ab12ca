-- Two tables as they are stored, once for what many rows would repeat, and the views that give
-- their rows. Characters for private use part what is joined; where a text has them, it says so.
-- In: {revisions}, the columns of revisions, with markdown from its patch.

-- Texts as one: compressed together, they take less than half.
CREATE MACRO joined_texts(texts) AS
    array_to_string(list_transform(texts, lambda text:
        replace(text, chr(57344), chr(57344) || '0')), chr(57344) || '1');
CREATE MACRO parted_texts(joined) AS string_split(joined, chr(57344) || '1');

-- Markdown with the words that a space joins to others in Markdown alone: marks of headings, of
-- quotations, a second space of lists, of breaks.
CREATE MACRO markdown_words(markdown) AS string_split(
    replace(replace(replace(replace(markdown,
        '  ' || chr(10), chr(57345) || chr(10)), '-  ', '-' || chr(57346) || ' '),
        '# ', '#' || chr(57346)), '> ', '>' || chr(57346)), ' ');

-- What differs: words of the Markdown that the text lacks; null where it is the text; whole behind
-- chr(57347) where words do not pair, or where it has the marks that stand for other things here.
CREATE MACRO markdown_patch(text, markdown) AS CASE
    WHEN markdown = text THEN NULL
    ELSE list_transform(
        [struct_pack(words := string_split(text, ' '), marked := markdown_words(markdown))],
        lambda sides: CASE
            WHEN len(sides.words) <> len(sides.marked) OR starts_with(markdown, chr(57347))
                OR contains(markdown, chr(57345)) OR contains(markdown, chr(57346))
                OR contains(markdown, chr(57348)) THEN chr(57347) || markdown
            ELSE array_to_string(list_transform(list_zip(sides.words, sides.marked), lambda pair:
                CASE WHEN pair[1] = pair[2] THEN '' WHEN pair[2] = '' THEN chr(57348)
                    ELSE pair[2] END), ' ')
        END)[1]
END;
CREATE MACRO markdown_of(text, patch) AS CASE
    WHEN patch IS NULL THEN text
    WHEN starts_with(patch, chr(57347)) THEN substring(patch, 2)
    ELSE replace(replace(array_to_string(list_transform(
        list_zip(string_split(text, ' '), string_split(patch, ' ')), lambda pair:
            CASE WHEN pair[2] = '' THEN pair[1] WHEN pair[2] = chr(57348) THEN ''
                ELSE pair[2] END), ' '), chr(57345), '  '), chr(57346), ' ')
END;

CREATE VIEW revisions AS SELECT {revisions} FROM compact.revision_rows;

CREATE VIEW cuts AS
SELECT article_id, content_hash, cleaner_version, run_id, item_id, passage."position",
    passage.kind, passage.rule, passage.score,
    replace(text, chr(57344) || '0', chr(57344)) AS text
FROM (
    SELECT article_id, content_hash, cleaner_version, run_id, item_id,
        unnest(passages) AS passage, unnest(parted_texts(texts)) AS text
    FROM compact.cut_lists);
