"""Pretrained weights from other projects."""
