"""A candidate's way from the form to the start: stages, decisions, and displaced staff whom clearing refers."""
