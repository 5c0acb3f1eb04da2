"""Adverts for the employees of a set of employers, and for nobody else: no search engine, feed or guess finds them."""
