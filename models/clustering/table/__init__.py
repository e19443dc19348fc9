"""From a table to points: its columns, their scale, dates as days, and initial centers in its units."""
