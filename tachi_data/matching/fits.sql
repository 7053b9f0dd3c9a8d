-- Whether a chart (found) is of the playtype and difficulty that a look-up (wanted) names.
(wanted.playtype IS NULL OR found.playtype = wanted.playtype)
AND (
    wanted.difficulty IS NULL
    OR found.difficulty = wanted.difficulty
    OR (wanted.difficulty = 'ANY_INF' AND found.difficulty IN ('INF', 'GRV', 'HVN', 'VVD', 'XCD'))
)
