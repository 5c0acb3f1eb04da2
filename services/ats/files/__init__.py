"""What a file is and where it lies: examined by its content, scanned, kept under a random name. Whose, others say."""
