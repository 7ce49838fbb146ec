"""Text for where it goes: characters that a stream can encode, that do nothing to a terminal, that XML allows."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html import escape

SPELLED = {"→": "->", "←": "<-", "…": "...", "×": "x", "·": "*", "–": "-", "‖": "||", "∂": "d", "✓": "ok", "✗": "wrong"}
SPELLED |= dict.fromkeys("▏▎▍▌▋▊▉█▐", "#")
"""What is written for a character of ours where the encoding lacks it."""

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def spelled(character: str) -> str:
    r"""A character in ASCII: as this package spells it, else by its code point.

    Example:
        >>> spelled("→"), print(spelled("é"))
        \xe9
        ('->', None)
    """
    return SPELLED.get(character) or character.encode("ascii", "backslashreplace").decode()


def encodable(text: str, encoding: str = "", instead: Callable[[str], str] = spelled) -> str:
    """The text in characters that an encoding has.

    Args:
        text: what is to be written.
        encoding: that of the stream where it goes; that of `sys.stdout` unless given, for what `print` will show.
        instead: what is written for a character that the encoding lacks.

    Example:
        >>> encodable("0.9 → 0.4", "ascii"), encodable("0.9 → 0.4", "utf-8")
        ('0.9 -> 0.4', '0.9 → 0.4')
    """
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    if _has(encoding, text):
        return text
    return "".join(c if _has(encoding, c) else instead(c) for c in text)


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def visible(text: str) -> str:
    r"""The text with a space for each control character, so that a terminal shows it and does nothing else.

    Lines stay apart.

    Example:
        >>> visible("\x1b[31mred\n")
        ' [31mred\n'
    """
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def xml_text(text: str) -> str:
    r"""The text inside an XML or HTML element or attribute: escaped, and without the characters that XML forbids.

    Example:
        >>> xml_text("a<b\x00")
        'a&lt;b�'
    """
    return escape(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text))
