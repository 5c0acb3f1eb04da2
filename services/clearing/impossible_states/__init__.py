"""What the rules of clearing never lead to, looked for daily."""
