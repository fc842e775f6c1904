"""A trained run as a file that others can use, and the proof that it says the same."""
