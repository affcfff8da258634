"""The command line: a door, with nothing behind it but the functions of the library."""
