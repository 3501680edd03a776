"""The core client: messages in, events and one completion out. No IPython, no ipywidgets."""
