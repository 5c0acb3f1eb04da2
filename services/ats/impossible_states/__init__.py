"""What the rules of recruitment never lead to, looked for daily."""
