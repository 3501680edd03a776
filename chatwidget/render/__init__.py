"""What a person sees of an answer: safe markup, and its display in a cell."""
