from __future__ import annotations

from services.ats.base import Base
from shared.impossible_states import declare_finds

FINDS, RUNS = declare_finds(Base.metadata)
