"""References: who is asked about a candidate and when, what they answer, and which years that covers."""
