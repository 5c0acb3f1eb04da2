"""Sealing the audit, for the worker; `python -m services.ats.audit.sealing` says if it is as written."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.models import TRAIL
from shared.audit_trail import seal_waiting
from shared.audit_verifying import settings_of, verify_service
from shared.vocabulary import Service


async def seal_audit(session: AsyncSession, _now: datetime) -> int:
    """Due work: seal the entries of the last seconds. Returns how many, when more wait."""
    return await seal_waiting(session, TRAIL)


def main() -> int:
    settings = settings_of(Service.ATS)
    return 2 if settings is None else asyncio.run(verify_service(Service.ATS, TRAIL, settings))


if __name__ == "__main__":
    sys.exit(main())
