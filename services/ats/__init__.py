"""Vacancies from approval to a person's first day, and the clock over it.

Owns employers, identity, vacancies, adverts, applications, openings, hires and the hiring log.
Emits `ats.*` (`shared/events/ats.py` and `applications.py`); hears what clearing released, referred, reserved, placed.
"""
