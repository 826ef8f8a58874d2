"""Train Tab: textual inversion for Stable Diffusion.

Nothing heavy is imported here; torch and diffusers load when a model is first needed.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
