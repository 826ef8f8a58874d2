"""The colours of a picture as screens show them, whatever the camera's colour space."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

__all__ = ["in_screen_colors"]


def in_screen_colors(image: Image.Image, profile: bytes) -> Image.Image:
    """An RGB or RGBA `image` whose numbers are meant by an ICC `profile`, in sRGB.

    Training takes numbers for sRGB: without this the pictures of phones (Display P3) and cameras (Adobe RGB)
    come out dull. A profile that is broken or of other colours is passed over.
    """
    if not profile:
        return image
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(meant).lower():
            return image
        seen = ImageCms.profileToProfile(
            image.convert("RGB"), meant, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ImportError):  # ImportError: this Pillow has no littlecms
        return image
    if seen is None:
        return image
    if image.mode == "RGBA":
        seen.putalpha(image.getchannel("A"))
    return seen
