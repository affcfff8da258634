"""Antimony text, looked at before the library reads it: what the library would pass over."""
