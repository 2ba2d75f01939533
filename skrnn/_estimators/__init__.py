"""An estimator made of a network."""
