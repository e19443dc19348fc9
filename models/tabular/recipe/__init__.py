"""How the samples and the diagram were made."""
