"""Prompt chat models from a notebook."""
