"""Upscalers of other projects, fetched on request."""
