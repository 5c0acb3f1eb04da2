"""A candidate's documents as those who decide see them."""

from __future__ import annotations

from collections.abc import Sequence

from services.ats.applications.models import Application
from services.ats.applications.rules import is_hidden
from services.ats.documents.rules import shown_name
from services.ats.documents.schemas import CandidateDocument, CandidateDocuments
from services.ats.files.models import Document, DocumentState

STATES = {
    DocumentState.PENDING: "Being checked for viruses",
    DocumentState.CLEAN: "Received",
    DocumentState.MALICIOUS: "Refused: it was found to be harmful and is deleted. Send another",
    DocumentState.UNAVAILABLE: "Waits to be checked for viruses",
}


def present_documents(application: Application, found: Sequence[Document]) -> CandidateDocuments:
    hidden = is_hidden(application)
    return CandidateDocuments(
        count=len(found),
        is_hidden=hidden,
        items=[]
        if hidden
        else [
            CandidateDocument(
                id=each.id,
                name=shown_name(each, application, number),
                kind=each.kind,
                size_bytes=each.size_bytes,
                state=each.state,
                uploaded_at=each.uploaded_at,
            )
            for number, each in enumerate(found, start=1)
        ],
    )
