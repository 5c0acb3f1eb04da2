"""The live adverts as files that other boards fetch: each format, what it leaves out and why, and how it is kept."""
