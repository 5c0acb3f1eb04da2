"""Who may come to interviews: who sets them up, who comes by a candidate's link, who organises them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.ats.applications.permitted import MANAGERS
from shared.auth import Principal, allow, allow_decision, allow_link
from shared.vocabulary import Role, Scope

ManagerOrCandidate = Annotated[
    Principal, Depends(allow_decision(*sorted(MANAGERS), scope=Scope.APPLICATIONS_WRITE, link="candidate"))
]
ReaderOrCandidate = Annotated[Principal, Depends(allow(Scope.APPLICATIONS_READ, link="candidate"))]
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Organiser = Annotated[Principal, Depends(allow_decision(Role.RECRUITER, scope=Scope.APPLICATIONS_READ))]
