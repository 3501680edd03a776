"""Functions that a model may call: asked about, run and counted."""
