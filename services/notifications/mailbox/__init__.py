"""Embedded mode only: the mails that the catcher stored, to be looked at. No other mode registers these routes."""
