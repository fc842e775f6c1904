"""Optional places that a run is also reported to."""
