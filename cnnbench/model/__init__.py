"""From a layer description to a Keras model."""
