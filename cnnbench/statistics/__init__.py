"""Intervals and tests, by scipy."""
