"""People who have applied under several addresses: suggested with reasons, decided by somebody, and taken back."""
