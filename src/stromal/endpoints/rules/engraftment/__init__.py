"""Rules on engraftment and graft failure."""
