"""The catalogue of messages as others may read it: which kinds there are, and how each reads."""
