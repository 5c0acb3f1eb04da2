"""Wording and variables in, subject, plain text and HTML out.

Rendered in a sandbox with strict undefined values: a council may write its own wording, so a template reaches nothing
but its variables and a few formats, and a misspelt name is an error instead of a gap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from services.notifications.messages.kinds import Wording
from services.notifications.messages.markup import as_html, as_text
from shared.pages.formats import clock_time, counted, date_time, long_date, pence

_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_GAPS = re.compile(r"\n{3,}")
MAX_SUBJECT = 240

PAGE = """<!DOCTYPE html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
<title>{{ subject }}</title></head>
<body style="margin:0;padding:0;background:#fff;color:#0b0c0c">
<div style="max-width:580px;margin:0 auto;padding:20px 15px;font:19px/1.4 Arial,sans-serif">
{{ body }}
<p style="margin:30px 0 0;padding:15px 0 0;border-top:1px solid #b1b4b6;font-size:16px;color:#505a5f">{{ because }}</p>
</div>
</body>
</html>
"""


class WordingRefused(Exception):
    """The wording cannot be rendered with these variables. The text names the fault, never a value."""


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def lines(value: str) -> Markup:
    """Text of several lines with its breaks kept, for HTML."""
    return Markup("<br>").join(escape(value).split("\n"))


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=autoescape, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.filters |= {
        "date": long_date,
        "time": clock_time,
        "date_time": date_time,
        "pence": pence,
        "counted": counted,
        "lines": lines if autoescape else str,
    }
    return environment


_TEXT = _environment(autoescape=False)
_HTML = _environment(autoescape=True)
_PAGE = _HTML.from_string(PAGE)


@lru_cache(maxsize=512)
def _compiled(wording: Wording) -> tuple[Template, Template, Template]:
    return (
        _TEXT.from_string(wording.subject),
        _TEXT.from_string(as_text(wording.body)),
        _HTML.from_string(as_html(wording.body)),
    )


def render(wording: Wording, variables: Mapping[str, Any], *, because: str) -> Rendered:
    """Render one wording. Raises WordingRefused for a template fault and for a subject with a line break."""
    try:
        subject_template, text_template, html_template = _compiled(wording)
        subject = subject_template.render(variables)
        text = text_template.render(variables)
        body = html_template.render(variables)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise WordingRefused(f"the wording does not fit its variables ({type(error).__name__})") from None
    if _LINE_BREAK.search(subject):
        raise WordingRefused("the subject holds a line break or a control character")
    subject = subject[:MAX_SUBJECT]
    text = _GAPS.sub("\n\n", text).strip() + f"\n\n--\n{because}\n"
    # The body has just been rendered with every value escaped.
    html = _PAGE.render(subject=subject, body=Markup(body), because=because)  # noqa: S704
    return Rendered(subject, text, html)
