-- In: told (article_id, revision, change, share_changed).
UPDATE revisions SET change = t.change, share_changed = t.share_changed
FROM told t
WHERE revisions.article_id = t.article_id AND revisions.revision = t.revision;
