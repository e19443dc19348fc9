"""How far a figure can be trusted: intervals, cross-validation, quality by class, and notes."""
