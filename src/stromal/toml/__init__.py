"""TOML files of known shape: read, every mistake with its line and a hint."""
