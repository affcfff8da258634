"""Rules of the library, one family a folder."""
