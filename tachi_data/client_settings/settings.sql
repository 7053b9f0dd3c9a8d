-- One row is what a player set for a game client.
SELECT settings FROM client_settings WHERE user_id = $user AND client = $client
