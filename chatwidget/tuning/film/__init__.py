"""Films: every answer along one parameter, for one noise, with the values at which it changes."""
