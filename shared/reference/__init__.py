"""Facts of the region that every service reads alike: employers, places, pay, bands, occupations, skills.

Compact, open-licensed tables carried in the package (`data/`, credits in `CREDITS.md`), read once and kept.
What a council may choose is policy, dated, in the service whose rule reads it; it is not here.
"""
