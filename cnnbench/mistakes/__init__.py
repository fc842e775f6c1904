"""Looking into what a trained run gets wrong, and how sure it is of it."""
