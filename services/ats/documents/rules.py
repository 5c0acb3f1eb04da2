"""What may be sent, under which name, and who may have it. No database, no clock."""

from __future__ import annotations

import re
import unicodedata

from services.ats.applications.models import Application
from services.ats.applications.rules import is_hidden
from services.ats.applications.states import ENDED
from services.ats.files.kinds import (
    ENDINGS,
    MEGABYTE,
    MOST_BYTES,
    PLAIN_PDF,
    WAYS_OUT,
    WORDS,
    ContentRefused,
    DocumentKind,
    Fault,
)
from services.ats.files.models import Document, DocumentState
from shared.errors import DomainError, Invalid, NotFound

LONGEST_NAME = 100
UNNAMED = "document"
# What Windows takes for a device, whatever follows the first dot.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")
KEPT_IN_NAMES = re.compile(r"[^\w .()&'+,-]")


class DocumentNotFound(NotFound):
    code = "document_not_found"
    title = "There is no such document here for you"


class DocumentTooLarge(DomainError):
    code = "document_too_large"
    status = 413
    title = f"A document has at most {MOST_BYTES // MEGABYTE} MB"


class DocumentNotTaken(Invalid):
    """`rule` says which."""

    code = "document_not_taken"
    title = "The document cannot be taken"


class NameDisagrees(Invalid):
    code = "document_name_disagrees"
    title = "The document is not of the kind that its name says"


class ApplicationOver(DomainError):
    code = "application_over"
    title = "The application has ended: it takes no more documents"


class DocumentNotScanned(DomainError):
    code = "document_not_scanned"
    title = "The document has not been scanned yet"


class DocumentMalicious(DomainError):
    code = "document_malicious"
    status = 410
    title = "The document was harmful and is deleted"


class CandidateHidden(DomainError):
    code = "candidate_hidden"
    title = "Documents show once the candidate is on the shortlist"


class DocumentIsAnswer(DomainError):
    code = "document_is_answer"
    title = "The document answers a question of the form"


def refusal_of(refused: ContentRefused) -> DocumentNotTaken:
    fault = refused.fault
    step = "Choose a file that is not empty." if fault is Fault.EMPTY else WAYS_OUT.get(fault, PLAIN_PDF)
    return DocumentNotTaken(f"{WORDS[fault]}.", field="content", next_step=step, rule=fault)


def refuse_size(size_bytes: int) -> None:
    """Raises DocumentTooLarge."""
    if size_bytes > MOST_BYTES:
        raise DocumentTooLarge(field="content", next_step="Make it smaller, or send it in parts.")


def refuse_other_name(given: str, kind: DocumentKind) -> None:
    """A name may say nothing of a kind, but not another one. Raises NameDisagrees."""
    said = ENDINGS.get(given.rpartition(".")[2].strip().lower()) if "." in given else None
    if said is not None and said is not kind:
        raise NameDisagrees(
            f"Its name says {said}, its content is {kind}.",
            field="name",
            next_step=f"Name it .{kind}, or save it anew.",
        )


def refuse_ended(application: Application) -> None:
    """Raises ApplicationOver."""
    if application.stage in ENDED:
        raise ApplicationOver(field="stage", stage=application.stage)


def safe_name(given: str, kind: DocumentKind) -> str:
    """What a file may be called on any system, ending in what it is: no path, device, control or hidden letter.

    Letters that only look alike are brought to one form (NFKC).
    """
    last = re.split(r"[/\\]", given)[-1]
    plain = unicodedata.normalize("NFKC", "".join(each for each in last if unicodedata.category(each)[0] != "C"))
    stem, dot, ending = re.split(r"[/\\]", plain)[-1].rpartition(".")
    stem = stem if dot and ending.lower() in ENDINGS else plain
    stem = " ".join(KEPT_IN_NAMES.sub("_", stem).split()).strip(" .-_")[:LONGEST_NAME].strip()
    if not stem or DEVICES.fullmatch(stem.partition(".")[0].strip()):
        stem = UNNAMED
    return f"{stem}.{kind}"


def refuse_hidden(application: Application) -> None:
    """Raises CandidateHidden."""
    if is_hidden(application):
        raise CandidateHidden(next_step="Decide on what the application says.")


def refuse_quarantined(document: Document, *, lets_unscanned_out: bool) -> None:
    """Nothing leaves quarantine unscanned, but in development without a scanner.

    Raises DocumentNotScanned, DocumentMalicious.
    """
    if document.state is DocumentState.MALICIOUS:
        raise DocumentMalicious
    if document.state is not DocumentState.CLEAN and not lets_unscanned_out:
        raise DocumentNotScanned(next_step="Try again in a few minutes.", state=document.state)


def shown_name(document: Document, application: Application, number: int) -> str:
    """To those who decide: of an anonymised application never the candidate's own name for it. `number` from 1."""
    if not application.is_anonymised:
        return document.file_name
    return f"{application.reference}-{number}.{document.kind}"


def is_answer(application: Application, document: Document) -> bool:
    """Whether a question of the form was answered with it."""
    answers = application.form_answers.get("questions", {}).values()
    return str(document.id) in [each.get("document_id") if isinstance(each, dict) else each for each in answers]
