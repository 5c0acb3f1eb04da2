"""Who may see that references are asked for, ask for them, and read them: for the API and the pages alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.ats.applications.permitted import MANAGERS
from shared.auth import Principal, allow_decision, allow_link
from shared.vocabulary import Role, Scope

# Never the panel: whom somebody names as a referee is no part of what it judges by.
ONLOOKERS = MANAGERS | {Role.COUNCIL_HR}
Onlooker = Annotated[Principal, Depends(allow_decision(*sorted(ONLOOKERS), scope=Scope.APPLICATIONS_READ))]
Asker = Annotated[Principal, Depends(allow_decision(*sorted(MANAGERS), scope=Scope.APPLICATIONS_WRITE))]
# A client that reads what a referee said names the person who reads it.
AnswerReader = Annotated[Principal, Depends(allow_decision(*sorted(MANAGERS), scope=Scope.APPLICATIONS_READ))]
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Referee = Annotated[Principal, Depends(allow_link("referee"))]
