"""A capability with two inputs: compares two pictures."""
