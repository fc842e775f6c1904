"""Gradients of a Keras network on each backend, behind one function."""
