"""Mechanism and contracts that the three services share. It knows no service."""
