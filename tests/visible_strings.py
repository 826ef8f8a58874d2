"""Collects what a visitor of the page can read from the sources themselves: which a translation has to cover.

A string counts as visible unless its place or its look says otherwise: too much is noticed when somebody
translates it, too little would go unseen. Of an f-string the variable parts are `{}`; of HTML the texts
between tags and the attributes that are read count, one by one, as the browser sees them.
"""

from __future__ import annotations

import ast
import html
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["attributes_of", "in_package", "in_scripts", "of_options", "of_source", "pieces", "sentences"]

HOLE = "\x00"
_READ_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt", "data-label")
_NOT_READ_KEYWORDS = {
    "api_name", "area", "elem_classes", "elem_id", "encoding", "event", "flag", "id", "image_mode", "js",
    "key", "kind", "mode", "name", "object_fit", "role", "section", "selected", "size", "sources", "suffix",
    "type", "unit", "variant",
}  # fmt: skip
_NOT_READ_CALLS = {
    "add", "compile", "debug", "encode", "endswith", "error", "exception", "field", "findall", "finditer",
    "fullmatch", "get", "getattr", "glob", "hasattr", "import_module", "info", "info_of", "lstrip", "match",
    "namedtuple", "partition", "pop", "read_text", "remember", "removeprefix", "removesuffix", "replace",
    "rglob", "rpartition", "rstrip", "search", "setattr", "split", "startswith", "strftime", "strip", "sub",
    "values", "warning", "write_text",
}  # fmt: skip
_CODE = re.compile(r"[;{}]\s*$|^[#.@][\w-]+|=>|\breturn\b|\\[wdsb.]|:\s?var\(|\dpx\b|\w=\"|[hl]\d\S* \d")
_IDENTIFIER = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+)+|[a-z]+_\w+|[A-Z_]+|\W+")
_MOST_VARIANTS = 16


def in_package(folder: Path) -> dict[str, str]:
    """Text to the file it stands in, of all Python files in a folder and below."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        for text in of_source(path.read_text(encoding="utf-8")):
            found.setdefault(text, path.relative_to(folder).as_posix())
    return found


def in_scripts(folder: Path) -> dict[str, str]:
    """The same of the page's scripts: texts in double quotes and templates, whose values are holes."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.js")):
        source = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for quoted, template in re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', source):
            text = quoted or re.sub(r"\$\{[^}]*\}", HOLE, template)
            found.update({piece: path.name for piece in pieces(text) if _is_said(piece)})
    return found


def of_options(config_types: Iterable[type]) -> set[str]:
    """Labels, helps and choices of the options of these configs."""
    from traintab.configs import all_options

    found: set[str] = set()
    for config_type in config_types:
        for declared in all_options(config_type).values():
            found |= {declared.label, declared.help}
            found |= {choice for choice in declared.choices if _has_words(choice)}
    return {text for text in found if text}


def of_source(source: str) -> Iterator[str]:
    """The visible texts of one file."""
    tree = ast.parse(source)
    hidden = set(_hidden(tree))
    inside: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in hidden or id(node) in inside:
            inside |= {id(child) for child in ast.iter_child_nodes(node) if _is_text(node)}
            continue
        if _is_text(node):
            inside |= set(_parts_of_text(node))
            for text in _variants(node):
                yield from pieces(text)


def pieces(text: str) -> Iterator[str]:
    """What a browser shows of a text with holes: what stands between tags, and attributes that are read."""
    yield from (piece for piece in map(_tidy, attributes_of(text)) if _reads(piece))
    without_code = r"<(style|script|code)\b.*?</\1>|`[^`]*`|\*\*|^#+ "
    text = re.sub(without_code, "<br>", text, flags=re.DOTALL)
    for piece in re.split(r"<[^<>]*>|^[^<>]*\">|<[a-z][^<>]*$|^[^<>=]*=\"", text):
        tidy = _tidy(piece)
        if _reads(tidy):
            yield tidy


def attributes_of(text: str) -> Iterator[str]:
    """The attributes in HTML which visitors see or hear."""
    for name in _READ_ATTRIBUTES:
        yield from re.findall(rf'\b{name}="([^"<>]+)"', text)


def sentences(folder: Path, parts: Iterable[str]) -> set[str]:
    """The whole sentences in some parts of the package: what errors and notices of lower layers say."""
    found: set[str] = set()
    for part in parts:
        path = folder / part
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            found |= set(of_source(file.read_text(encoding="utf-8")))
    return {text for text in found if re.match(r"^[A-Z{].* .*[.!?:]$", text, re.DOTALL)}


def _is_said(piece: str) -> bool:
    """Whether a text of a script is words and no selector, key or name of an event."""
    return bool(re.match(r"^\W*[A-Z{]", piece)) and not re.search(r"[#\[\]:]|\.traintab|Arrow|Key\b", piece)


def _tidy(piece: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(piece)).strip().replace(HOLE, "{}")


def _reads(piece: str) -> bool:
    """Whether a piece is words: not a number, an identifier, a path, a selector, a style or a script."""
    words = piece.replace("{}", " ").strip()
    if not _has_words(words) or _CODE.search(words):
        return False
    if " " not in words:
        is_label = bool(re.match(r"^[^\w]*[A-Z][a-z]", words))
        return is_label or ("{}" in piece and bool(re.search(r"\b[a-z]{3}", words)) and "_" not in words)
    return not all(_IDENTIFIER.fullmatch(word) for word in words.split())


def _has_words(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", text))


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr)


def _parts_of_text(node: ast.AST) -> Iterator[int]:
    """The literals that are told with the text they stand in; other strings inside holes stand alone."""
    if isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield id(side)
            yield from _parts_of_text(side)
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield id(part)
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None:
                    yield from (id(inner) for inner in ast.walk(part.format_spec))
                if isinstance(part.value, ast.IfExp) and _of_two_texts(part.value):
                    yield from (id(inner) for inner in (part.value.body, part.value.orelse))


def _of_two_texts(choice: ast.IfExp) -> bool:
    return all(
        isinstance(side, ast.Constant) and isinstance(side.value, str)
        for side in (choice.body, choice.orelse)
    )


def _variants(node: ast.AST) -> list[str]:
    """All that a text can be, each choice between two literals made both ways; holes are `HOLE`."""
    if isinstance(node, ast.Constant):
        return [node.value if isinstance(node.value, str) else HOLE]
    if isinstance(node, ast.JoinedStr):
        return _combined([_variants(part) for part in node.values])
    if (
        isinstance(node, ast.FormattedValue)
        and isinstance(node.value, ast.IfExp)
        and _of_two_texts(node.value)
    ):
        return _variants(node.value.body) + _variants(node.value.orelse)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _combined([_variants(node.left), _variants(node.right)])
    return [HOLE]


def _combined(parts: list[list[str]]) -> list[str]:
    return ["".join(some) for some in itertools.islice(itertools.product(*parts), _MOST_VARIANTS)]


def _hidden(tree: ast.AST) -> Iterator[int]:
    """The nodes whose texts nobody sees: docstrings, types, keys that are looked up, names of things."""
    for node in ast.walk(tree):
        for child in _not_seen(node):
            yield from (id(inner) for inner in ast.walk(child))


def _not_seen(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from (child for child in node.body if isinstance(child, ast.Expr) and _is_text(child.value))
    if isinstance(node, (ast.FunctionDef, ast.arg, ast.AnnAssign)):
        yield from filter(None, [getattr(node, "annotation", None), getattr(node, "returns", None)])
    if isinstance(node, ast.FunctionDef):
        yield from node.decorator_list
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__all__", "_MESSAGE_ID"):
        yield node.value
    if isinstance(node, (ast.Subscript, ast.Compare)):
        yield from [node.slice] if isinstance(node, ast.Subscript) else [node.left, *node.comparators]
    if isinstance(node, ast.keyword) and node.arg in _NOT_READ_KEYWORDS:
        yield node.value
    if isinstance(node, ast.Call) and _called(node) in _NOT_READ_CALLS:
        yield from (argument for argument in node.args if not isinstance(argument, ast.Lambda))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
