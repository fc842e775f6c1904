"""Data sets, splits, image preparation and the input pipeline."""
