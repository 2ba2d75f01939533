"""Conventions of scikit-learn: how estimators are fitted, saved, and say what they do."""
