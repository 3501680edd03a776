"""A package, because fixtures of package scope belong to one; see conftest.py."""
