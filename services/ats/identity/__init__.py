"""Staff, API clients and the keys that sign for them; signing in here on behalf of all three services."""
