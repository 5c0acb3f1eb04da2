"""An application as a board sends it, with its files in the same request."""
