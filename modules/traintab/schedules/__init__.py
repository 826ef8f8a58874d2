"""Learning-rate schedule text to a value at a step. Standard library only."""
