"""Plan, simulate and analyse trials of mesenchymal stromal cells in haematology."""

__version__ = "0.1.0"
