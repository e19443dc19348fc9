"""Detectors of other projects, fetched on request."""
