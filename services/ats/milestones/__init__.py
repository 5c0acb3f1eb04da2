"""What a council's own system reports of a vacancy that it manages: dates and counts, no candidates."""
