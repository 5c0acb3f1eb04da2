"""Addresses of what is public."""

from __future__ import annotations

from uuid import UUID

from shared.addresses import public_url
from shared.vocabulary import Service


def careers_url(code: str | None) -> str:
    """The careers page of an employer, or of the region."""
    return f"{public_url(Service.ATS)}/careers{f'/{code}' if code else ''}"


def form_url(job_id: UUID) -> str:
    """Where an advert's form is described, which is where people without another address apply."""
    return f"{public_url(Service.ATS)}/v1/jobs/{job_id}/form"
