"""Trial periods, their confirmation or end, and the saving counted once."""
