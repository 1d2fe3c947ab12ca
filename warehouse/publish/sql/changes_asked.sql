-- The texts of unknown_changes. By their places: these lie together at the table's end.
SELECT n.place, n.reverted, b.title, b.text, n.title, n.text
FROM unknown_changes u
JOIN (SELECT rowid AS place, reverted, title, text FROM compact.revision_rows
    WHERE rowid IN (SELECT after FROM unknown_changes)) n ON n.place = u.after
JOIN (SELECT rowid AS place, title, text FROM compact.revision_rows
    WHERE rowid IN (SELECT before FROM unknown_changes)) b ON b.place = u.before
