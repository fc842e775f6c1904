"""Where the time of a training goes, and which settings are faster, measured side by side."""
