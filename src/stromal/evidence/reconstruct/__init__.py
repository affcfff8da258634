"""Patients read back from a digitised survival curve and its numbers at risk."""
