"""News for the systems of councils and boards, as Standard Webhooks: which of it goes where, and whether it arrived."""
