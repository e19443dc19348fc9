"""The commands of `glassbox`, one module each."""
