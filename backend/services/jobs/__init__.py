"""Jobs from submission to deletion."""
