"""Hires: the first day confirmed or not come to, the hire taken back, and when and why somebody left again."""
