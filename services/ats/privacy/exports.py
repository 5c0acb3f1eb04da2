"""An export as the person gets it: everything as JSON for a machine, the same to be read, and the signed manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment, StrictUndefined

from services.ats.privacy.models import CasePart
from shared.vocabulary import Service

TITLES = {
    Service.ATS: "Applications and hires",
    Service.CLEARING: "Redeployment",
    Service.NOTIFICATIONS: "Messages sent to you",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is held about you</title>
<style>body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.5}
table{border-collapse:collapse;width:100%;margin:0 0 2rem}th,td{border:1px solid #888;padding:.3rem;text-align:left;\
vertical-align:top;overflow-wrap:anywhere}th{width:16rem;background:#eee}</style>
</head>
<body>
<h1>What is held about you</h1>
<p>The same stands in data.json, for a machine. manifest.json says which service answered what; its signature can be \
verified by us at any time. Documents that you sent lie in the folder documents.</p>
{% for service in services %}
<h2>{{ service.title }}</h2>
{% if not service.tables %}<p>Nothing is held about you here.</p>{% endif %}
{% for name, rows in service.tables.items() %}
<h3>{{ name.replace("_", " ").capitalize() }}</h3>
{% for row in rows %}
<table>
{% for column, value in row.items() if value not in (None, "", [], {}) %}
<tr><th scope="row">{{ column.replace("_", " ").capitalize() }}</th>
<td>{{ value if value is string else value | tojson }}</td></tr>
{% endfor %}
</table>
{% endfor %}
{% endfor %}
{% endfor %}
</body>
</html>
"""
WORDS = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(PAGE)


def data_of(parts: Sequence[CasePart]) -> bytes:
    """The records of all services, as JSON."""
    told = {part.service.value: part.records or {} for part in sorted(parts, key=lambda each: each.service)}
    return json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True).encode()


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zip_of(parts: Sequence[CasePart], data: bytes, signed: Mapping[str, Any]) -> bytes:
    services = [
        {"title": TITLES[part.service], "tables": part.records or {}}
        for part in sorted(parts, key=lambda each: each.service)
    ]
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("data.json", data)
        archive.writestr("data.html", WORDS.render(services=services))
        archive.writestr("manifest.json", json.dumps(signed, indent=2))
    return made.getvalue()
