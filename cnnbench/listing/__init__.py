"""Listing, filtering and pruning of runs."""
