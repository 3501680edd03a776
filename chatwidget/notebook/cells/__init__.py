"""What a cell of ``%%chat`` says, and what goes with its question."""
