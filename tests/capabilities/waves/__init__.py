"""A capability that draws pictures of waves, with the stages of capabilities that generate pictures."""
