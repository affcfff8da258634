"""Runs on disk: written once, hashed, never overwritten."""
