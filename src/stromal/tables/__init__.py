"""The tables of the house: one schema per file, a unit for every column."""
