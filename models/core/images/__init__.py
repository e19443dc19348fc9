"""Picture files to tensors and back."""
