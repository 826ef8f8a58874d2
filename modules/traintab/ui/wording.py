"""Numbers and times as people read them."""

from __future__ import annotations

__all__ = ["memory", "number", "rate", "span"]


def number(value: float | None) -> str:
    """Three or four digits that matter, a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 else f"{value:.3g}"


def rate(value: float | None) -> str:
    """As people write learning rates: `0.005`, `1e-05`."""
    return "–" if value is None else f"{value:.4g}"


def memory(size: int) -> str:
    """`2.6 GiB`, small sizes in MiB."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def span(seconds: float | None) -> str:
    """`0.25 s`, `42 s`, `3 min 20 s`, `2 h 5 min`; a dash for nothing."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
