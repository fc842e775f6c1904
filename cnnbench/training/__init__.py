"""Compile and fit, checkpoint and resume."""
