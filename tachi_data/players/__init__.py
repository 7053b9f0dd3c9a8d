"""Players: users, accounts, tokens, links to other services, client settings, and their import locks."""
