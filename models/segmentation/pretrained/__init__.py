"""Segmentation models of other projects, fetched on request."""
