"""Estimators: a number with an interval, its method and its n."""
