"""Every message that people get: what happened, whom it is for, its typed variables and its default wording."""
