"""Prices: what an answer costs, where that is known, and never a guess."""
