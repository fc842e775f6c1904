"""Keras networks as a learner."""
