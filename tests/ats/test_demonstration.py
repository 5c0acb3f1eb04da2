"""The demonstration data come by the same commands as any others, and only once."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from services.ats import demonstration
from services.ats.vacancies.models import Vacancy
from shared.vocabulary import Service
from tests.factories.ats import Ats


async def test_it_loads_once_and_shows_nothing_that_clearing_has_not_released(
    council: Ats, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = council.services.settings(Service.ATS).model_copy(update={"demo_password": SecretStr("a long secret")})
    async with council.region() as session:
        await demonstration.load(session, settings)
    shown = json.loads(capsys.readouterr().out)
    async with council.region() as session:
        await demonstration.load(session, settings)
        states = Counter((await session.scalars(select(Vacancy.state))).all())
    assert capsys.readouterr().out == ""
    assert states == {"draft": 2, "approval_pending": 2, "in_clearing": 8}
    assert set(shown["clients"]) == {"hosted", "external", "board"}
    assert len(shown["staff"]) == 19
    assert (await council.client.get("/v1/jobs")).json()["items"] == []


async def test_its_clients_get_tokens(council: Ats, capsys: pytest.CaptureFixture[str]) -> None:
    settings = council.services.settings(Service.ATS).model_copy(update={"demo_password": SecretStr("a long secret")})
    async with council.region() as session:
        await demonstration.load(session, settings)
    client = json.loads(capsys.readouterr().out)["clients"]["hosted"]
    answer = await council.client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "resource": "ats"},
        auth=(client["client_id"], client["client_secret"]),
    )
    assert answer.status_code == 200, answer.text
