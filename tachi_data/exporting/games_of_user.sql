-- One row is a game that the user (anybody, where $user is null) has rows of in the view.
SELECT DISTINCT game FROM query_table($view) WHERE $user IS NULL OR user_id = $user
