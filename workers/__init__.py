"""Thin: claim a job, call the capability, store what came, report."""
