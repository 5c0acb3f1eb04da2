"""Applications that are begun and not sent yet: no account, kept as they were typed, taken up again by a link."""
