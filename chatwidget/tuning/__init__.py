"""Studies: the same questions under varied settings, repeated, counted and compared."""
