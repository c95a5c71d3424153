"""On which line of a TOML text each table and key stands.

`tomllib` reads values and keeps no positions, so that a mistake in a value could not
be shown to whoever has to mend it. This reads only where things begin and end, in a
text that is known to be TOML.
"""

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_KEY = re.compile(r"""\s*(?:"(?P<basic>(?:\\.|[^"\\])*)"|'(?P<literal>[^']*)'"""
                  r"""|(?P<bare>[A-Za-z0-9_-]+))\s*""")  # fmt: skip
# Strings and comments are taken whole, so that nothing inside them counts.
_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|.",
    re.DOTALL,
)


class Lines:
    """Where each table and key of a text stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rows = text.split("\n")
        self._spans: dict[Path, tuple[int, int]] = {}
        self._counts: dict[Path, int] = {}
        self._read()

    def line(self, path: Sequence[str | int], value: object = None) -> int:
        """The line of a key or table, else of what it stands in (1 at the least).

        Of a value over several lines, the line on which `value` stands.
        """
        for end in range(len(path), 0, -1):
            span = self._spans.get(tuple(path[:end]))
            if span is not None:
                return self._within(span, value)
        return 1

    def _within(self, span: tuple[int, int], value: object) -> int:
        first, last = span
        for number in range(first, last + 1):
            if isinstance(value, str) and value and value in self._rows[number - 1]:
                return number
        return first

    def _read(self) -> None:
        at, table = 0, ()
        path: Path = table
        while at < len(self._text):
            start = self._text[at]
            if start.isspace():
                at += 1
            elif start == "#":
                at = self._end(at)
            elif start == "[":
                at, path = self._header(at)
            else:
                at = self._pair(at, path)

    def _header(self, at: int) -> tuple[int, Path]:
        """A table's header: where it ends, and the path of the table."""
        is_array = self._text.startswith("[[", at)
        keys, _ = self._keys(at + (2 if is_array else 1))
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            is_last = number == len(keys) - 1
            if is_last and is_array:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                self._spans.setdefault(path, self._span(at, at))
                path = (*path, self._counts[path])
        self._spans.setdefault(path, self._span(at, at))
        return self._end(at), path

    def _pair(self, at: int, table: Path) -> int:
        """A key with its value: where they end."""
        keys, after = self._keys(at)
        depth = 0
        for piece in _PIECE.finditer(self._text, after):
            if piece[0] in ("[", "{"):
                depth += 1
            elif piece[0] in ("]", "}"):
                depth -= 1
            elif piece[0] == "\n" and depth <= 0:
                end = piece.start()
                break
        else:
            end = len(self._text)
        for count in range(1, len(keys) + 1):
            self._spans.setdefault((*table, *keys[:count]), self._span(at, end))
        return end

    def _keys(self, at: int) -> tuple[list[str], int]:
        keys = []
        while found := _KEY.match(self._text, at):
            keys.append(found["basic"] or found["literal"] or found["bare"] or "")
            at = found.end()
            if not self._text.startswith(".", at):
                break
            at += 1
        # Whatever it is, the reading goes on behind it.
        return keys, max(at, 1)

    def _end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1

    def _span(self, first: int, last: int) -> tuple[int, int]:
        return self._number(first), self._number(last)

    def _number(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1
