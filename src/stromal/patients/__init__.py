"""Patients: reading real ones, checking them all the same way."""
