"""One method, three back ends: NumPy, scalar numba, and numba with explicit lanes."""
