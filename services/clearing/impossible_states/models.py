from __future__ import annotations

from services.clearing.base import Base
from shared.impossible_states import declare_finds

FINDS, RUNS = declare_finds(Base.metadata)
