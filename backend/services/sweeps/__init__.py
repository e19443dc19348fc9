"""Sweeps: requests, results and shipped examples. `services.jobs.fits` has their fits."""
