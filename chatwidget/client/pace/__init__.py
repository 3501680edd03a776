"""Pace: how fast one server is asked with one key for one model, by all that asks it."""
