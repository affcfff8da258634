"""The kinds of analysis; each file here holds one and is found by the registry."""
