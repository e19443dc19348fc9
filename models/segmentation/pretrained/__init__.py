"""Segmenters of others, fetched on request."""
