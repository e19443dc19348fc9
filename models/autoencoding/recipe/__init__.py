"""How the shipped weights, samples and the figures of the model cards were made."""
