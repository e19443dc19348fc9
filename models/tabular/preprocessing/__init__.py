"""From columns to the matrix that a model computes with, and which rows it learns from."""
