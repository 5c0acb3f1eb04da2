"""What the logs of a real process say when something breaks: where and what kind, never what was written."""

from __future__ import annotations

import json
import logging

import pytest

from shared.error_reports import place_of
from shared.logging import WordlessFormatter
from tests.shared.breaking_api import CANARY
from tests.shared.processes import breaking_process


def lines_of(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def broken() -> BaseException:
    with pytest.raises(ValueError, match="Amy") as raised:
        float(CANARY)
    return raised.value


def test_a_librarys_words_and_tracebacks_stay_out_of_the_logs() -> None:
    error = broken()
    caught = (type(error), error, error.__traceback__)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 7, "Broken: %s", (CANARY,), caught)
    record.stack_info = f"Stack (most recent call last): {CANARY}"
    record.exc_text = CANARY
    said = json.loads(WordlessFormatter("ats").format(record))
    assert "Amy" not in json.dumps(said)
    names = ("logger", "level", "error", "service")
    assert [said[name] for name in names] == ["uvicorn.error", "error", "ValueError", "ats"]
    assert said["place"] == place_of(error)


async def test_a_real_process_that_breaks_says_where_and_repeats_nothing(parts) -> None:
    async with breaking_process(parts.environment()) as process:
        for path in ("mistake", "half", "row", "busy", "too-large-a-number?number=99999999999"):
            await process.get(f"/v1/breaking/{path}", {"X-Correlation-ID": "council-17"})
        bad = await process.get(f"/v1/breaking/words?q={CANARY}", {})
        output = process.output()
    assert bad.status_code == 200
    assert "Amy" not in output
    assert "Traceback" not in output
    lines = lines_of(output)
    mistakes = [each for each in lines if each["event"] == "unexpected_error"]
    assert mistakes
    assert all(each["correlation_id"] == "council-17" and each["frames"] for each in mistakes)
    assert {each["service"] for each in lines} == {"ats"}
