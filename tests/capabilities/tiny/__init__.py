"""Three convolutions at 64 x 64: next to no model, so that what is measured is the plumbing."""
