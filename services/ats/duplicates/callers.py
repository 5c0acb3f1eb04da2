"""Who sees suggestions and decides on them: a recruiter, or HR, of the employer; for the API and the pages alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from shared.auth import Principal, allow_decision
from shared.vocabulary import Role, Scope

DECIDERS = (Role.COUNCIL_HR, Role.RECRUITER)
Reader = Annotated[Principal, Depends(allow_decision(*DECIDERS, scope=Scope.APPLICATIONS_READ))]
Decider = Annotated[Principal, Depends(allow_decision(*DECIDERS, scope=Scope.APPLICATIONS_WRITE))]
