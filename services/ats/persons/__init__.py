"""Which e-mail addresses a council has found to be one person's, or two people's. Nothing of theirs is overwritten."""
