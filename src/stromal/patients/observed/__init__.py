"""Readers of real patients: a folder of CSV or Parquet tables."""
