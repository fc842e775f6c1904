"""Plots, tables and the page, drawn from a run folder alone."""
