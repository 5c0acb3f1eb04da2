"""Who may read checks, record them and decide on waivers: for the API and the pages alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.ats.checks.permitted import CHECKERS, WAIVER_APPROVERS
from shared.auth import Principal, allow, allow_decision
from shared.vocabulary import Scope

Reader = Annotated[Principal, Depends(allow(Scope.APPLICATIONS_READ))]
Checker = Annotated[Principal, Depends(allow_decision(*sorted(CHECKERS), scope=Scope.APPLICATIONS_WRITE))]
WaiverApprover = Annotated[
    Principal, Depends(allow_decision(*sorted(WAIVER_APPROVERS), scope=Scope.APPLICATIONS_WRITE))
]
