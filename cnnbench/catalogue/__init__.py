"""Everything a file can name, one row each; no NumPy, no Keras."""
