"""Who approved a vacancy's content, here or by the word of the council's own system."""
