"""Rounds of interviews and their times: chosen by the candidate's own link, moved, cancelled, on a calendar."""
