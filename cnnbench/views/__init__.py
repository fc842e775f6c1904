"""How what is said is shown."""
