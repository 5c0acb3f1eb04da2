"""Displaced employees: registration, verification by the home council's HR, priority tier."""
