"""Offers, the last checks, the hire: what happens to an opening once somebody is chosen for it."""
