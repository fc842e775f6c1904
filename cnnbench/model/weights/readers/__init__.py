"""Readers of weight files, a small file for each format; nothing in a file is executed."""
