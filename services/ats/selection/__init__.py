"""Who is taken further and who is not: decisions that the panel's scores must bear out, and their undoing."""
