"""The sections of the page, one a file; each gives a section of a run's content, or None."""
