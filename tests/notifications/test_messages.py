"""Every fact that a person is owed has a message: a producer, words in every channel, and a sample to look at."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.notifications.messages import referral_outcome, trial_reminder
from services.notifications.messages.catalogue import BY_EVENT, BY_KEY, CATALOGUE, AnyKind, kinds_for
from services.notifications.messages.kinds import Channel, OptionalVariables, Purpose, Variables, Wording
from services.notifications.messages.one_time_link import OneTimeLinkVariables
from services.notifications.messages.rendering import WordingRefused, render
from shared.events.base import Contact
from shared.events.clearing import TrialReminderDue
from shared.events.routing import SUBSCRIBERS
from shared.vocabulary import Service
from tests.conftest import TODAY
from tests.factories import notifications as make

EACH_KIND = pytest.mark.parametrize("kind", CATALOGUE, ids=[kind.key for kind in CATALOGUE])


@EACH_KIND
def test_every_kind_tells_of_an_event_that_comes_here_with_a_contact(kind: AnyKind) -> None:
    assert Service.NOTIFICATIONS in SUBSCRIBERS[kind.event]
    assert issubclass(kind.event.sealed_for[Service.NOTIFICATIONS], Contact)


def test_every_event_that_brings_a_contact_is_told() -> None:
    brings_contact = {
        event
        for event, heard_by in SUBSCRIBERS.items()
        if Service.NOTIFICATIONS in heard_by
        and issubclass(event.sealed_for.get(Service.NOTIFICATIONS, object), Contact)
    }
    assert set(BY_EVENT) == brings_contact


def test_keys_are_unique() -> None:
    assert len(BY_KEY) == len(CATALOGUE)


@EACH_KIND
def test_the_sample_reads_well_in_every_channel(kind: AnyKind) -> None:
    assert kind.channels
    for channel in kind.channels:
        rendered = render(kind.wording[channel], dict(kind.sample), because=kind.because)
        assert rendered.subject.strip() == rendered.subject != ""
        # Whoever saves a search gives no name.
        greeting = f"Dear {kind.sample.name}\n" if kind.sample.name else "Hello\n"
        assert greeting in rendered.text
        assert kind.because in rendered.text
        assert kind.because in rendered.html
        for leftover in ("{{", "{%", "](", "> ", "  "):
            assert leftover not in rendered.text, f"{kind.key}: {leftover!r} in the text"
        assert "{{" not in rendered.html


@EACH_KIND
def test_whatever_may_be_switched_off_carries_the_way_out(kind: AnyKind) -> None:
    assert (kind.purpose is Purpose.OPTIONAL) == issubclass(kind.variables, OptionalVariables)
    if isinstance(kind.sample, OptionalVariables):
        rendered = render(kind.wording[Channel.EMAIL], dict(kind.sample), because=kind.because)
        assert kind.sample.unsubscribe_link in rendered.text


@EACH_KIND
def test_the_sample_survives_being_stored(kind: AnyKind) -> None:
    stored = kind.sample.model_dump(mode="json")
    assert kind.variables.model_validate(stored) == kind.sample


@EACH_KIND
def test_an_event_becomes_the_variables_of_its_wording(kind: AnyKind) -> None:
    event, contact = make.event_and_contact(kind)
    variables = kind.compose(event, contact, lambda _id: "Sandwell Council")
    assert type(variables) is kind.variables
    assert render(kind.wording[Channel.EMAIL], dict(variables), because=kind.because).text


@EACH_KIND
def test_sentences_are_short_enough_to_be_read_once(kind: AnyKind) -> None:
    text = render(kind.wording[Channel.EMAIL], dict(kind.sample), because=kind.because).text
    sentences = re.split(r"(?<=[.?!])\s|\n", text)
    assert max(len(sentence.split()) for sentence in sentences) <= 32


def test_a_rejection_is_told_in_the_words_of_its_stage() -> None:
    event, _ = make.event_and_contact(BY_KEY["rejected_after_sift"])
    for changes, key in (
        ({}, "rejected_after_sift"),
        ({"was_shortlisted": True}, "rejected_after_shortlist"),
        ({"was_shortlisted": True, "after_interview": True}, "rejected_after_interview"),
    ):
        assert [kind.key for kind in kinds_for(event.model_copy(update=changes))] == [key]


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("not_referred", "decided not to put you forward"),
        ("not_shortlisted", "decided not to interview you"),
        ("interview_offered", "will interview you"),
        ("interviewed", "you were interviewed"),
        ("not_appointed", "decided not to offer you the job"),
        ("withdrawn", "no longer being considered"),
        ("vacancy_closed", "no longer filling the job"),
    ],
)
def test_r31_every_outcome_of_a_referral_says_what_it_is_and_gives_its_reasons(outcome: str, says: str) -> None:
    kind = referral_outcome.KIND
    variables = kind.sample.model_copy(update={"outcome": outcome, "reasons": "Criterion E2 is not met."})
    text = render(kind.wording[Channel.EMAIL], dict(variables), because=kind.because).text
    assert says in text
    assert "Criterion E2 is not met." in text


def test_an_outcome_without_reasons_announces_none() -> None:
    kind = referral_outcome.KIND
    variables = kind.sample.model_copy(update={"outcome": "vacancy_closed", "reasons": ""})
    assert "The reasons are" not in render(kind.wording[Channel.EMAIL], dict(variables), because=kind.because).text


def test_r42_a_trial_reminder_lapses_when_the_next_one_is_due() -> None:
    event, _ = make.event_and_contact(trial_reminder.KIND)
    assert isinstance(event, TrialReminderDue)
    assert trial_reminder.KIND.lapses_at(event, TODAY) == TODAY + timedelta(days=5)


def test_values_are_escaped_in_html_and_cannot_become_markup() -> None:
    wording = Wording(subject="{{ title }}", body="# About\n\nThe job is {{ title }}.\n\n* {{ title }}")
    hostile = "<script>alert(1)</script>\n\n# Big\n\n[here](https://evil.example)"
    rendered = render(wording, {"title": hostile.replace("\n", " ")}, because="because")
    assert "<script>" not in rendered.html
    assert "&lt;script&gt;" in rendered.html
    assert "<h2" in rendered.html
    assert rendered.html.count("<h2") == 1
    assert "<a " not in rendered.html


def test_reasons_keep_their_lines_in_both_parts() -> None:
    wording = Wording(subject="s", body="> {{ reasons | lines }}")
    rendered = render(wording, {"reasons": "one <b>\ntwo"}, because="because")
    assert "one &lt;b&gt;<br>two" in rendered.html
    assert rendered.text.startswith("one <b>\ntwo\n")


@pytest.mark.parametrize(
    "body",
    [
        "{{ nobody_gave_this }}",
        "{{ name.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ name",
        "{% if name %}",
        "{{ cycler.__init__.__globals__ }}",
        "{% include 'layout.html' %}",
        "{{ name | attr('__class__') }}",
        "{{ 1 // 0 }}",
    ],
)
def test_wording_reaches_nothing_but_its_variables(body: str) -> None:
    with pytest.raises(WordingRefused):
        render(Wording(subject="s", body=body), {"name": "Amina"}, because="because")


def test_a_refused_wording_never_quotes_a_value() -> None:
    with pytest.raises(WordingRefused) as refused:
        render(Wording(subject="s", body="{{ name.missing }}"), {"name": "Canary Khan"}, because="because")
    assert "Canary" not in str(refused.value)


@pytest.mark.parametrize("breaking", ["a\r\nBcc: x@y.example", "a\nb", "a\x00b", "a\u2028b"])
def test_a_subject_with_a_line_break_is_refused(breaking: str) -> None:
    with pytest.raises(WordingRefused):
        render(Wording(subject="News: {{ title }}", body="b"), {"title": breaking}, because="because")


def test_titles_that_were_pasted_with_line_breaks_become_one_line() -> None:
    event, contact = make.event_and_contact(BY_KEY["application_received"])
    pasted = event.model_copy(update={"vacancy_title": "Housing\r\n  Officer\x00"})
    variables = BY_KEY["application_received"].compose(pasted, contact, lambda _id: "Sandwell Council")
    assert dict(variables)["vacancy_title"] == "Housing Officer"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a.example/ onclick=x", "//evil.example", 'https://"'])
def test_a_link_is_a_web_address(link: str) -> None:
    with pytest.raises(ValueError, match="http or https"):
        OneTimeLinkVariables(name="Amina", link=link, expires_at=TODAY)


def test_variables_and_contacts_show_nothing_in_a_repr() -> None:
    assert "Canary" not in repr(Variables(name="Canary Khan"))
    assert "Canary" not in f"{Variables(name='Canary Khan')}"
