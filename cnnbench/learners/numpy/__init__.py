"""A convolutional network in plain NumPy: every step of its training is there to be read."""
