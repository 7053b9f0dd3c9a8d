-- Give out numbers of a counter: those below what this returns. Nothing where there is no such counter yet.
UPDATE counters SET value = value + $count WHERE name = $name RETURNING value
