"""The wire format: pure functions from bytes to values and back."""
