"""The stages that open an answer."""
