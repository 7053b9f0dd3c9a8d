-- One row is an import type and a rule: how many datapoints broke it, with one of them as an example.
-- A message may name several rules, one a line; a rule is a line without what differs between datapoints.
WITH broken AS (
    SELECT import_type, outcome, message, data, unnest(string_split(message, chr(10))) AS line
    FROM problems
)
SELECT
    import_type,
    outcome,
    regexp_replace(
        regexp_replace(line, '( has no (?:song|chart of|difficulty|version)|songs are called) [^;]*', '\1 …'),
        '"[^"]*"|-?[0-9][0-9.,]*[0-9]|-[0-9]', '…', 'g'
    ) AS rule,
    count(*) AS datapoints,
    any_value(message) AS example,
    any_value(data) AS raw
FROM broken
WHERE NOT regexp_matches(line, '^This score has \d+ error')
GROUP BY ALL
ORDER BY datapoints DESC, import_type, rule
