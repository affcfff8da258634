"""Compare a model of the library with what was observed, and fit what the data inform."""
