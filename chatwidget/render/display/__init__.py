"""Answers as they are shown in a cell, while they come and when they have ended."""
