"""Everything that can be named, a line each; no Keras and no pydantic, so that completion is quick."""
