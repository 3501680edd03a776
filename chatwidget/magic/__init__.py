"""``%%chat`` and ``%chat`` in an IPython shell."""
