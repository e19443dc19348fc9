"""Detectors of others, fetched on request."""
