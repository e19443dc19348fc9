"""Pretrained weights of others."""
