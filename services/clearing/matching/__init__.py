"""Who may be matched to which post, how well, and why: pure eligibility, score and explanation, and their fast form."""
