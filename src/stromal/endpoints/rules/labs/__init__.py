"""Rules on single laboratory values."""
