"""A slip of the pen is forgiven: a word that stands in no live advert is read as the one most like it that does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Select, Text, distinct, exists, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import PublishedJob
from shared.registry import employers

LEAST_LETTERS = 4
MOST_WORDS = 8
MOST_TITLES = 50
LEAST_IN_COMMON = 0.3
"""Share of the word's three-letter groups that a title has to hold to be looked at (pg_trgm's word similarity)."""
ALIKE = 0.7
"""Least likeness of two words, as difflib counts it: twice the letters in common to all; `acountent` has 0.84."""
# A quoted phrase and what is left out with a minus stay as they were typed.
LETTERS = re.compile(r"[^\W\d_]+")
PLAIN_WORD = re.compile(r'"[^"]*"?|-\S+|(?P<word>[^\W\d_]+)')


async def corrected(session: AsyncSession, words: str, *, now: datetime) -> str:
    """The words, each that no live advert has replaced by the one in live adverts that is most like it, if any is."""
    typed = [each["word"] for each in PLAIN_WORD.finditer(words) if each["word"]]
    doubtful = sorted({each.lower() for each in typed if len(each) >= LEAST_LETTERS})[:MOST_WORDS]
    unknown = await _unknown(session, doubtful, now) if doubtful else []
    if not unknown:
        return words
    meant = await _most_alike(session, unknown, now)
    return PLAIN_WORD.sub(lambda each: meant.get((each["word"] or "").lower(), each[0]), words)


async def _unknown(session: AsyncSession, words: list[str], now: datetime) -> list[str]:
    """Those that a search would find nothing for. A word that means nothing to a search, such as `with`, is known."""
    return list(await session.scalars(union_all(*(_if_unknown(word, now) for word in words))))


def _if_unknown(word: str, now: datetime) -> Select[Any]:
    """A row of the word, where it is unknown. It is counted: to find just one, PostgreSQL would read all texts."""
    query = select(func.plainto_tsquery("english", word)).scalar_subquery()
    adverts = select(func.count()).where(PublishedJob.search.op("@@")(query), PublishedJob.closes_at > now)
    return select(literal(word, Text)).where(func.numnode(query) > 0, adverts.scalar_subquery() == 0)


async def _most_alike(session: AsyncSession, words: list[str], now: datetime) -> Mapping[str, str]:
    known = [name for name, _ in await alike_titles(session, words, limit=MOST_TITLES, now=now)]
    known += await employers_with_adverts(session, now=now)
    choices = sorted({each.lower() for text in known for each in LETTERS.findall(text) if len(each) >= LEAST_LETTERS})
    meant = {word: get_close_matches(word, choices, n=1, cutoff=ALIKE) for word in words}
    return {word: found[0] for word, found in meant.items() if found}


async def alike_titles(
    session: AsyncSession, words: Sequence[str], *, limit: int, now: datetime
) -> Sequence[tuple[str, int]]:
    """Titles of live adverts that hold something like one of `words`, most alike first, and how many adverts have it.

    The index of three-letter groups finds them.
    """
    await session.execute(select(func.set_config("pg_trgm.word_similarity_threshold", str(LEAST_IN_COMMON), True)))
    typed = func.unnest(literal(list(words), ARRAY(Text))).table_valued("word").render_derived("typed")
    title = PublishedJob.title
    likeness = func.max(func.word_similarity(typed.c.word, title))
    rows = await session.execute(
        select(title, func.count(distinct(PublishedJob.id)))
        .join_from(typed, PublishedJob, typed.c.word.op("<%", is_comparison=True)(title))
        .where(PublishedJob.closes_at > now)
        .group_by(title)
        .order_by(likeness.desc(), func.count().desc(), title)
        .limit(limit)
    )
    return [(text, jobs) for text, jobs in rows]


async def employers_with_adverts(session: AsyncSession, *, now: datetime) -> Sequence[str]:
    advertises = exists().where(PublishedJob.employer_id == employers.c.id, PublishedJob.closes_at > now)
    return list(await session.scalars(select(employers.c.title).where(advertises)))
