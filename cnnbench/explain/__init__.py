"""What a trained run looks at: maps over an image, maps of its layers, and how it arranges images."""
