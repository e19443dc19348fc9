"""HTTP in, a service called, HTTP out."""
