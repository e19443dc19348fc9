"""What a capability declares and returns: cards, predictions, messages, progress and errors."""
