"""How long each employer keeps what it has of candidates, and the worker that forgets it afterwards."""
