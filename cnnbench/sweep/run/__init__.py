"""Trials proposed, trained and written down."""
