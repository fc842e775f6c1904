"""Weights from elsewhere: read from a file, mapped onto a network, put into it."""
