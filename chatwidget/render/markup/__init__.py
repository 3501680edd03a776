"""Text of a model in its safe forms: HTML, Markdown and plain text."""
