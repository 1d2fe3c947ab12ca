-- In: told (place, change, share_changed).
UPDATE revisions SET change = t.change, share_changed = t.share_changed
FROM told t
WHERE revisions.rowid = t.place;
