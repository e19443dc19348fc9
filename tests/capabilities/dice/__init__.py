"""A capability without inputs and without a weights file: throws dice."""
