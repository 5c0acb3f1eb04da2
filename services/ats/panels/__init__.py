"""Who chooses for a vacancy, each for themselves first: a lead and members, their conflicts, their scores."""
