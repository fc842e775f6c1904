"""The language of layers: blocks, repeats, branches, and the shapes they make."""
