"""Interest, the home council's review, the gaining council's decision, and redeployment offers."""
