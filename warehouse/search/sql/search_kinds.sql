-- What each letter of $codes is to words (`copydesk.warehouse.search.tokenize.Kind`), as the macro itself treats it:
-- 0 it parts words, 1 it only goes on with one, 2 it begins one, 3 it is of a script without spaces.
SELECT CASE WHEN among = 3 THEN 3 WHEN among = 2 THEN 0 ELSE 1 + alone END AS kind
FROM (
    SELECT number, len(search_words(letter)) AS alone,
        len(search_words('a' || letter || 'a')) AS among
    FROM (SELECT chr(unnest($codes)) AS letter, generate_subscripts($codes, 1) AS number)
)
ORDER BY number;
