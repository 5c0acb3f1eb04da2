"""Where an advert's form is described, which is where people without another address apply."""

from __future__ import annotations

from uuid import UUID

from shared.addresses import public_url
from shared.vocabulary import Service


def form_url(job_id: UUID) -> str:
    return f"{public_url(Service.ATS)}/v1/jobs/{job_id}/form"
