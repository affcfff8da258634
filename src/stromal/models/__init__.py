"""Models: text, parameters and where every number came from."""
