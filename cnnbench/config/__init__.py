"""The configuration language: schema, YAML loading and checks, all without TensorFlow."""
