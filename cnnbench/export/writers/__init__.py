"""One file per format: how it is written, and how it is opened in its own runtime."""
