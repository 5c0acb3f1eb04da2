"""One row per fact, kind, person and channel: whether it has gone out, how often it was tried, and what came of it."""
