"""Intervals and tests, by scipy and statsmodels."""
