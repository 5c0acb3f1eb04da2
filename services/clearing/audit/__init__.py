"""Every transition of clearing, append-only (R56): who moved what from which state to which, and who had opened it."""
