"""How the shipped weights, the samples and the figures of the card were made."""
