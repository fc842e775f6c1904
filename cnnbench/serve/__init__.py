"""A trained model behind HTTP: what is asked for is gathered, answered together, counted and kept within limits."""
