"""How the samples and the documented figures were made."""
