"""A person's request about their own data, across the three services, and what must be kept for a court."""
