"""The sources of images: one file is one source."""
