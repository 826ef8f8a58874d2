"""Checkpoints: discovery, loading, text encoders, devices and memory."""
