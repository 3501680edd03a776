"""Conversations as files: JSON that loses nothing, Markdown to read, notebooks to run."""
