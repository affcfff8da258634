"""Endpoints: rules that turn patients into one outcome row each."""
