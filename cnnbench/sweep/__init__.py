"""A search over configurations."""
