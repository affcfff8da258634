"""The protocol: what a trial registry would hold, read from one TOML file."""
