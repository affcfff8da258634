"""The record: every published arm that the reviews tell of, as tables with places and reasons."""
