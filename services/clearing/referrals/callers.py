"""Who may call: either council of a referral reads it, a named human of the one whose turn it is decides."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from shared.auth import Principal, allow, allow_decision
from shared.vocabulary import Role, Scope

Reader = Annotated[Principal, Depends(allow(Scope.CLEARING_READ, Scope.APPLICATIONS_READ))]
Gaining = Annotated[Principal, Depends(allow_decision(Role.HIRING_MANAGER, Role.RECRUITER, Role.COUNCIL_HR))]
