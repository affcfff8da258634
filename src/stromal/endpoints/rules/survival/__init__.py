"""Rules on times to events and on vital status."""
