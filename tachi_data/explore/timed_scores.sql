-- One row is a score of the player whose time is known, in the order of time.
FROM query_table($scores)
WHERE user_id = $user AND playtype = $playtype AND is_primary AND time_achieved IS NOT NULL
ORDER BY time_achieved, ordinal
