"""The training worker and its child processes."""
