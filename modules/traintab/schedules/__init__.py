"""Schedule text to a value at a step: the learning rate's.

Belongs here: text such as `5e-3:100, 1e-3` and what it means at a step. Imports the standard library and
`errors`, nothing else.
"""

__all__ = ["learning_rate", "rate_curve"]
