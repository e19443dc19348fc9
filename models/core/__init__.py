"""What every capability shares: cards, predictions, errors, image and checkpoint files."""
