"""First refusal for displaced council staff across the region.

Owns registrations, clearing windows, matching, referrals, redeployment offers, trials and savings.
Emits `clearing.*` (see `shared/events/clearing.py`); hears every vacancy and opening of `ats`.
"""
