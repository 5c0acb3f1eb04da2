"""The light markup that wording is written in, turned into a text template and an HTML template.

The template's own words are turned, never the values put into it: a job title that looks like a link or a heading
stays a job title. Per block (blank lines between): `# Heading`, lines of `* item`, `> quoted`, a link on a line of its
own as `[What it does]({{ link }})`, else a paragraph. A `{% … %}` line stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})")
_CONTROL_LINE = re.compile(r"\{%.*%\}")
_LINK = re.compile(r"\[([^\]]+)\]\((\{\{\s*[\w.]+\s*\}\})\)")

LINK_STYLE = "color:#0b4f6c;font-weight:bold"
QUOTE_STYLE = "margin:0 0 20px;padding:0 0 0 15px;border-left:4px solid #b1b4b6"
PARAGRAPH_STYLE = "margin:0 0 20px"


def blocks(source: str) -> Iterator[list[str]]:
    """The lines of each block; a control line is a block of its own."""
    block: list[str] = []
    for line in [*source.strip().splitlines(), ""]:
        stripped = line.strip()
        if stripped and not _CONTROL_LINE.fullmatch(stripped):
            block.append(stripped)
            continue
        if block:
            yield block
            block = []
        if stripped:
            yield [stripped]


def as_text(source: str) -> str:
    """The plain-text template: as written, with a link's address on its own line."""
    parts = []
    for block in blocks(source):
        link = _LINK.fullmatch(block[0])
        if _CONTROL_LINE.fullmatch(block[0]):
            parts.append(block[0] + "\n")
        elif link:
            parts.append(f"{link[1]}:\n{link[2]}\n\n")
        else:
            parts.append("\n".join(line.removeprefix("# ").removeprefix("> ") for line in block) + "\n\n")
    return "".join(parts)


def as_html(source: str) -> str:
    """The HTML template of the body; values are escaped when it is rendered."""
    return "\n".join(_html_block(block) for block in blocks(source)) + "\n"


def _html_block(block: list[str]) -> str:
    first = block[0]
    link = _LINK.fullmatch(first)
    if _CONTROL_LINE.fullmatch(first):
        return first
    if link:
        return f'<p style="{PARAGRAPH_STYLE}"><a href="{link[2]}" style="{LINK_STYLE}">{_words(link[1])}</a></p>'
    if first.startswith("# "):
        return f'<h2 style="margin:0 0 15px;font-size:21px">{_words(first[2:])}</h2>'
    if first.startswith("* "):
        items = "".join(f'<li style="margin:0 0 5px">{_words(line.removeprefix("* "))}</li>' for line in block)
        return f'<ul style="{PARAGRAPH_STYLE};padding:0 0 0 20px">{items}</ul>'
    quoted = first.startswith("> ")
    text = "<br>".join(_words(line.removeprefix("> ")) for line in block)
    if quoted:
        return f'<blockquote style="{QUOTE_STYLE}">{text}</blockquote>'
    return f'<p style="{PARAGRAPH_STYLE}">{text}</p>'


def _words(source: str) -> str:
    """Escape the wording's own characters and leave its tags to the template engine."""
    return "".join(part if _TAG.fullmatch(part) else escape(part, quote=False) for part in _TAG.split(source))
