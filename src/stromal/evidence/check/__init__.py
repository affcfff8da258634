"""Little checks of printed numbers: what cannot be, and what is told in two ways."""
