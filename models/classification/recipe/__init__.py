"""How the shipped weights, the samples and the figures of the model card were made."""
