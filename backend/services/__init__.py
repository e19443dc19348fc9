"""What the application does: one function a use case, one transaction a function."""
