"""Runs on disk: files written whole, hashed, under one manifest, never overwritten."""
