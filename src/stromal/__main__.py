"""`python -m stromal`, the same as `stromal`."""

from stromal.cli.main import main

if __name__ == "__main__":
    main()
