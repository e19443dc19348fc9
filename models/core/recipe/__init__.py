"""How the training data that several capabilities share was collected, and how diagrams are drawn."""
