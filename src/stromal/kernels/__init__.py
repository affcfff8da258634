"""Kernels: a model compiled for many patients at once."""
