"""The facts that cross the queue: one module per owner, and `routing.py` with the whole map."""
