"""The views of the tuning lab: what a study shows in a notebook, while it runs and afterwards."""
