"""The ways a message leaves: each hands over one message and says in a fixed set of words how that went."""
