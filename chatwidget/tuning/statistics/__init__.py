"""Statistics of a study: pure functions, each with its source, that need nothing but Python."""
