"""Who may come to a panel. That they sit on this one, or manage its employer's vacancies, `seats` looks at."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.ats.applications.permitted import MANAGERS, PANEL
from shared.auth import Principal, allow_decision
from shared.vocabulary import Scope

Reader = Annotated[Principal, Depends(allow_decision(*sorted(PANEL), scope=Scope.APPLICATIONS_READ))]
Member = Annotated[Principal, Depends(allow_decision(*sorted(PANEL), scope=Scope.APPLICATIONS_WRITE))]
Manager = Annotated[Principal, Depends(allow_decision(*sorted(MANAGERS), scope=Scope.APPLICATIONS_WRITE))]
