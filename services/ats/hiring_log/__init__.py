"""What happened on the way to a hire, append-only: the source of every time-to-hire figure."""
