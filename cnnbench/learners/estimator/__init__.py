"""Estimators of scikit-learn, on pixels or on features of images."""
