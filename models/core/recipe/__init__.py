"""How the data that several capabilities learn from was collected."""
