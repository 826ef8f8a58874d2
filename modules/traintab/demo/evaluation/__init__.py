"""What `demo evaluate` measures and writes.

What belongs here: samples of the model put before the judge. May import all of `demo` and the layers below
it.
"""

__all__ = ["document", "inversion", "outside", "prompts", "sampler"]
