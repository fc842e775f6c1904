"""Many runs: one process each, on this machine or on a Ray cluster."""
