"""CSV files to typed columns and back."""
