"""What documents need beside the database: a store, an examiner and, where there is one, a scanner."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from fastapi import FastAPI

from services.ats.files.examiner import Examiner
from services.ats.files.scanning import Scanner
from services.ats.files.storage import ContentStore
from shared.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DocumentDesk:
    """`store` is none where the installation keeps no documents, `scanner` where it scans none."""

    store: ContentStore | None
    scanner: Scanner | None
    examiner: Examiner
    is_development: bool

    @property
    def lets_unscanned_out(self) -> bool:
        return self.is_development and self.scanner is None


def open_desk(settings: Settings) -> DocumentDesk:
    """Says in the log what an installation without a store or a scanner cannot do."""
    if settings.documents_url is None:
        log.warning("documents_not_kept", setting="DOCUMENTS_URL")
    if settings.clamav_url is None and not settings.is_embedded:
        log.warning("documents_not_scanned", setting="CLAMAV_URL", effect="no document can be downloaded")
    return DocumentDesk(
        store=None if settings.documents_url is None else ContentStore.at(settings.documents_url),
        scanner=None if settings.clamav_url is None else Scanner(settings.clamav_url),
        examiner=Examiner(),
        is_development=settings.is_embedded,
    )


def keep_documents(app: FastAPI, settings: Settings) -> None:
    app.state.documents = open_desk(settings)
