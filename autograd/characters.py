"""Text in the characters that a stream can encode, that are safe on a terminal, or that XML and HTML allow."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from html import escape
from typing import Any

SPELLED = {
    "→": "->",
    "←": "<-",
    "…": "...",
    "×": "x",
    "·": "*",
    "–": "-",
    "−": "-",
    "‖": "||",
    "∂": "d",
    "✓": "ok",
    "✗": "wrong",
}
SPELLED |= dict.fromkeys("▏▎▍▌▋▊▉█▐", "#")
"""The ASCII spelling of the characters that this package writes, for encodings that lack them."""

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
        text: the text to write.
        encoding: that of the stream; by default that of `sys.stdout`, to which `print` writes.
        instead: the function from a character that the encoding lacks to its replacement.

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
    r"""The text with a space for each control character other than a line break, which a terminal would obey.

    Example:
        >>> visible("\x1b[31mred\n")
        ' [31mred\n'
    """
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def xml_text(text: str) -> str:
    r"""The text for an XML or HTML element or attribute: escaped, and without the characters that XML forbids.

    Example:
        >>> xml_text("a<b\x00")
        'a&lt;b�'
    """
    return escape(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def safe_json(data: Any) -> str:
    r"""JSON that cannot close the script element of the page that contains it.

    Example:
        >>> print(safe_json(["</script>"]))
        ["\u003c/script\u003e"]
    """
    return json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
