"""What clearing holds of a person, and what it does when they ask."""
