"""One configuration run several times: other seeds, or other folds of the training images."""
