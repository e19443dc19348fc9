"""What every capability shares: the contract, images, tables, training and weights."""
