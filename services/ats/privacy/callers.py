"""Who may do what about people's data."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from shared.auth import Principal, allow_link, allow_staff
from shared.vocabulary import Role

Officer = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]
"""The privacy office: of a council its administrator, of the region WME's."""
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Fetcher = Annotated[Principal, Depends(allow_link("data-export"))]
