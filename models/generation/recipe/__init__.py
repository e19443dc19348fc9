"""How the shipped weights, samples and figures of generation were made."""
