"""`python -m services.ats.privacy.manifests FILE`: is this the manifest of a case as we signed it?

A manifest says what each service held and did. It is signed with the key that never rotates, so that it can be
proved for as long as anybody keeps it.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from services.ats.privacy.models import CasePart, DataSubjectCase
from shared import sealing
from shared.audit_verifying import settings_of
from shared.sealing import lasting_mac
from shared.vocabulary import Service

PURPOSE = "case-manifest"


def manifest_of(
    case: DataSubjectCase, parts: Sequence[CasePart], *, closed_at: datetime, export_sha256: str | None
) -> dict[str, Any]:
    """Nothing in it says who the person is."""
    services = [
        {
            "service": part.service.value,
            "answered_at": None if part.answered_at is None else part.answered_at.isoformat(),
            "held": part.held,
            "changed": part.changed,
            "kept": part.kept,
        }
        for part in sorted(parts, key=lambda each: each.service)
    ]
    told: dict[str, Any] = {
        "case_id": str(case.id),
        "kind": case.kind.value,
        "employer_id": None if case.employer_id is None else str(case.employer_id),
        "opened_at": case.opened_at.isoformat(),
        "due_at": case.due_at.isoformat(),
        "closed_at": closed_at.isoformat(),
        "confirmed_by": case.confirmed_by.value,
        "services": services,
    }
    return told if export_sha256 is None else told | {"data_json_sha256": export_sha256}


def sign(manifest: dict[str, Any]) -> str:
    return lasting_mac(PURPOSE, json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode())


def is_signed(manifest: dict[str, Any], signature: str) -> bool:
    return hmac.compare_digest(sign(manifest).encode(), signature.encode())


def main(arguments: Sequence[str]) -> int:
    settings = settings_of(Service.ATS)
    if settings is None or len(arguments) != 1:
        sys.stderr.write("Name one file: a manifest as the service gave it\n")
        return 2
    sealing.install(settings)
    try:
        read = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        is_ours = is_signed(read["manifest"], read["signature"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sys.stderr.write("This is no manifest of a case\n")
        return 2
    sys.stdout.write("as it was signed\n" if is_ours else "NOT as it was signed\n")
    return 0 if is_ours else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
