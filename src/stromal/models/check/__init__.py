"""Checks of a model's text, parameters and provenance; `checks.check_model` runs all of them."""
