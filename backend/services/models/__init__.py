"""Models on record."""
