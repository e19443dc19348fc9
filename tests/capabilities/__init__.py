"""Capabilities that only tests and benchmarks use."""
