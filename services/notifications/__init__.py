"""What was said to whom, and whether it arrived.

Owns deliveries and their attempts. Emits `notifications.*`; hears every fact that a person must be told.
"""
