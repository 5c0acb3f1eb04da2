"""The clock over hiring: what the append-only log says about each opening, and the statistics of many.

Unit: one opening (a vacancy with three posts has three). Days are Europe/London dates, end minus start.
"""
