"""Small datasets that ship for several capabilities to learn from. Loads nothing heavy."""

from pathlib import Path

CUTOUTS = (
    Path(__file__).parent / "cutouts.npz"
)  # as models.core.training.composites reads it; cutouts.csv lists it
