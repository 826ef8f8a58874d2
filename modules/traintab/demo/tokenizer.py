"""The demo model's own CLIP tokenizer: a byte-pair vocabulary learned from the demo world's words.

Layout as CLIP's: 256 bytes, the same 256 ending a word (`</w>`), the merges, `<|startoftext|>`,
`<|endoftext|>`.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

from transformers import CLIPTokenizer

from .captions import text_of, write_caption
from .characters import NAMES, Shares, sample_picture
from .styles import ARTISTS
from .wording import COMMON

LENGTH = 77
MERGES = 1534
# Other shares would number the pieces of words anew, and the text encoder has learned these numbers.
_SHARES = Shares(things=0.125, toys=0.0, styles=(0.48, 0.12, 0.10))
_START, _END = "<|startoftext|>", "<|endoftext|>"


def _byte_characters() -> list[str]:
    """The printable stand-ins for bytes 0 to 255, in the order of GPT-2's table that CLIP follows."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + i) for i in range(len(others))]


def word_counts() -> Counter[str]:
    """The words to learn and how much each counts: captions, every name, and common English."""
    counts: Counter[str] = Counter()
    for index in range(4000):
        rng = random.Random(f"corpus {index}")
        counts.update(re.findall(r"[a-z]+", text_of(write_caption(sample_picture(rng, _SHARES), rng))))
    for word in (*COMMON, *NAMES, *ARTISTS):
        counts[word] += 30
    return counts


def learn_merges(counts: Counter[str], limit: int) -> list[tuple[str, str]]:
    """Byte-pair merges by frequency (Sennrich et al. 2016), ties in alphabetical order; at most `limit`."""
    words = {word: [*word[:-1], word[-1] + "</w>"] for word in sorted(counts)}
    merges: list[tuple[str, str]] = []
    while len(merges) < limit:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in words.items():
            for pair in pairwise(parts):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = max(sorted(pairs), key=lambda pair: pairs[pair])
        merges.append(best)
        for word, parts in words.items():
            words[word] = _merged(parts, best)
    return merges


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    for part in parts:
        if merged and (merged[-1], part) == pair:
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def build_tokenizer(folder: Path) -> None:
    """Write `vocab.json`, `merges.txt` and the two settings files that `CLIPTokenizer.from_pretrained`
    reads.
    """
    if (folder / "special_tokens_map.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    merges = learn_merges(word_counts(), MERGES)
    letters = _byte_characters()
    tokens = [*letters, *(letter + "</w>" for letter in letters), *(a + b for a, b in merges), _START, _END]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": _START, "eos_token": _END, "unk_token": _END, "pad_token": _END}
    settings = {
        **special,
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": LENGTH,
        "do_lower_case": True,
        "add_prefix_space": False,
        "errors": "replace",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """The tokenizer in `folder` (always from the folder: keyword arguments are misread by transformers 5)."""
    tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(str(folder))
    return tokenizer
