"""Who decided what, when and why: append-only."""
