"""Every table of this service, so that its metadata is complete."""

from __future__ import annotations

from services.clearing.audit import models as audit
from services.clearing.base import Base
from services.clearing.impossible_states import models as impossible_states
from services.clearing.matching import models as matching
from services.clearing.referrals import models as referrals
from services.clearing.registrations import models as registrations
from services.clearing.trials import models as trials
from services.clearing.vacancy_mirror import models as vacancy_mirror

FEATURES = (audit, registrations, vacancy_mirror, matching, trials, referrals, impossible_states)
METADATA = Base.metadata
