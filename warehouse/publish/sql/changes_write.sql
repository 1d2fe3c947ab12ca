-- In: told (place, change, share_changed).
UPDATE compact.revision_rows SET change = t.change, share_changed = t.share_changed
FROM told t
WHERE revision_rows.rowid = t.place;
