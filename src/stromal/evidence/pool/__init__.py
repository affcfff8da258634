"""Pooling of published results: one file per estimator, mathematics only."""
