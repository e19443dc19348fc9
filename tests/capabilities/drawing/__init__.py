"""A capability whose input can be drawn: counts the pixels of each brush."""
