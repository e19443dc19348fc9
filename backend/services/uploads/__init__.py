"""Files that users send."""
