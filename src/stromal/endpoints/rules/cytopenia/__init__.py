"""Rules on low blood counts."""
