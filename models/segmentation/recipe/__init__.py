"""How the shipped weights, samples and the card's figures were made."""
