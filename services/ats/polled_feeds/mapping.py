"""Which part of a feed's row is which field of ours, as data: checked when it is saved, followed when it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from operator import getitem
from types import MappingProxyType
from typing import Annotated, Any, Self

from lxml import etree, html
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from services.ats.approvals.schemas import Attestation
from services.ats.vacancies.applying import Apply
from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.requisition import AgencyCover, PostFlags, Requisition
from services.ats.vacancies.schemas import VacancyCreate
from services.ats.vacancy_uploads.reading import COLUMNS, put_in
from shared.errors import Invalid
from shared.field_errors import wrong_field

REFERENCE = "external_reference"
ATTESTATION = tuple(f"attestation.{name}" for name in Attestation.model_fields)
FIELDS = (*(name for name in COLUMNS if name not in {"employer", "source_system"}), *ATTESTATION)
"""What a mapping may name: the fields of an upload in CSV, and the approval that the council's own system gave."""
ALWAYS = (REFERENCE, "title", "hours_per_week", "contract", "postcode")
PAY = (("scp_min", "scp_max"), ("salary_min_pence", "salary_max_pence"))
PARTS: MappingOf[str, type[BaseModel]] = MappingProxyType(
    {
        "apply": Apply,
        "requisition": Requisition,
        "requisition.agency_cover": AgencyCover,
        "flags": PostFlags,
        "attestation": Attestation,
    }
)
NUMBER = re.compile(r"[0-9][0-9,]{0,14}(?:\.[0-9]{1,2})?")
SAMPLE_DAY = datetime(2027, 3, 26)  # noqa: DTZ001 - written and read back, to see whether a format keeps a day

Path = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\s]+(/[^/\s]+){0,9}$")]
Scalar = str | int | bool


class MappingInvalid(Invalid):
    code = "mapping_invalid"
    title = "The mapping cannot work as it stands"


class ValueNotMapped(Invalid):
    code = "value_not_mapped"
    title = "The mapping does not say what this value means"


class ReadAs(StrEnum):
    TEXT = "text"
    HTML = "html"
    """The words of marked-up text."""
    LOWEST_POUNDS = "lowest_pounds"
    """The smallest number of a text such as "£25,583 - £30,296 a year", in pence."""
    HIGHEST_POUNDS = "highest_pounds"


class FieldRule(Strict):
    """Where one field comes from: a place in the row, or the same for all."""

    path: Path | None = Field(
        default=None,
        description="Names of elements (or of JSON members), one inside another, with `/`; `@name` is an attribute",
        examples=["location/postcode"],
    )
    constant: Scalar | None = Field(default=None, description="The same for every row")
    values: dict[str, Scalar] | None = Field(
        default=None, max_length=300, description="Theirs to ours. What is not in it is refused, unless `otherwise`"
    )
    otherwise: Scalar | None = Field(default=None, description="For an empty value, and one that is not in `values`")
    read_as: ReadAs = ReadAs.TEXT
    date_format: str | None = Field(
        default=None, max_length=40, description="As Python's strptime has it", examples=["%d/%m/%Y"]
    )

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if (self.path is None) == (self.constant is None):
            raise wrong_field("path", "one_of_two", "give path or constant, and not both")
        if self.path is None and (self.values or self.otherwise is not None or self.date_format):
            raise wrong_field("path", "missing", "values, otherwise and date_format go with path")
        if self.date_format is not None and not _keeps_a_day(self.date_format):
            raise wrong_field("date_format", "date_not_whole", "date_format does not read a day, a month and a year")
        return self


class Mapping(Strict):
    """`items`: where the rows are, from the document's own element (XML) or the top (JSON) on."""

    items: Path = Field(examples=["jobs/job"])
    fields: dict[str, FieldRule] = Field(max_length=60)


def check_mapping(mapping: Mapping) -> None:
    """Raises MappingInvalid, naming the field."""
    fields = mapping.fields
    for name in fields:
        if name not in FIELDS:
            raise _invalid(name, "There is no such field.", f"Use: {', '.join(FIELDS)}")
    if fields.get(REFERENCE) is not None and fields[REFERENCE].path is None:
        raise _invalid(REFERENCE, "Each row has a reference of its own.", "Give its path.")
    for name in ALWAYS:
        if name not in fields:
            raise _invalid(name, "Every vacancy has this field.", "Give its path, or a constant.")
    if not any(all(each in fields for each in pair) for pair in PAY):
        raise _invalid(
            "salary_min_pence", "Every vacancy says what it pays.", "Map scp_min and scp_max, or both of pay."
        )
    given = [name for name in ATTESTATION if name in fields]
    if given and len(given) < len(ATTESTATION):
        raise _invalid(given[0], "An approval comes with who gave it, when, and its reference.", "Map all three.")
    for name in ("attestation.approved_at", "attestation.reference"):
        if name in fields and fields[name].path is None:
            raise _invalid(name, "One approval of everything to come is none.", "Take it from the row.")
    for name, rule in fields.items():
        _check_own_words(name, rule)


def _check_own_words(name: str, rule: FieldRule) -> None:
    """Constants and the right-hand sides of a value table have to be values of the field."""
    kept = _kind_of(name)
    own: dict[str, Scalar | None] = {"constant": rule.constant, "otherwise": rule.otherwise}
    own |= {f"values.{theirs}": ours for theirs, ours in (rule.values or {}).items()}
    for place, value in own.items():
        if value is None:
            continue
        try:
            kept.validate_python(value)
        except ValidationError as error:
            raise _invalid(
                f"{name}.{place}", error.errors(include_url=False)[0]["msg"], "Say it in our words."
            ) from None


def _kind_of(name: str) -> TypeAdapter[Any]:
    """What our own schema takes for that field."""
    part, _, last = name.rpartition(".")
    owner: type[BaseModel] = PARTS[part] if part else VacancyCreate
    found = owner.model_fields[last]
    # Without a word of its own about the field, its type is all that there is to say.
    kind: Any = getitem(Annotated, (found.annotation, *found.metadata)) if found.metadata else found.annotation
    return TypeAdapter(kind)


def _invalid(place: str, detail: str, next_step: str) -> MappingInvalid:
    return MappingInvalid(detail, field=f"mapping.fields.{place}", next_step=next_step)


def _keeps_a_day(date_format: str) -> bool:
    try:
        return datetime.strptime(SAMPLE_DAY.strftime(date_format), date_format).date() == SAMPLE_DAY.date()  # noqa: DTZ007
    except ValueError:
        return False


def follow(mapping: Mapping, item: Any) -> tuple[str | None, dict[str, Any] | ValueNotMapped]:
    """The row's reference, and its fields as a body of `POST /v1/vacancies` would have them, or why not."""
    reference = _text(place_of(item, mapping.fields[REFERENCE].path or ""))
    wanted: dict[str, Any] = {}
    try:
        for name, rule in mapping.fields.items():
            value = _value(name, rule, item)
            if value is None:
                continue
            put_in(wanted, name, value)
    except ValueNotMapped as error:
        return reference or None, error
    return reference or None, wanted


def _value(name: str, rule: FieldRule, item: Any) -> Any:
    """None: the field is left out. Raises ValueNotMapped."""
    if rule.path is None:
        return rule.constant
    found = place_of(item, rule.path)
    text = _text(found)
    if not text:
        return rule.otherwise
    if rule.values is not None:
        return _listed(name, rule, text)
    if rule.date_format is not None:
        return _dated(name, rule.date_format, text)
    if rule.read_as in {ReadAs.LOWEST_POUNDS, ReadAs.HIGHEST_POUNDS}:
        return _pence(name, text, highest=rule.read_as is ReadAs.HIGHEST_POUNDS)
    plain = found if isinstance(found, (int, float, bool)) else text
    return _words(text) if rule.read_as is ReadAs.HTML else plain


def _listed(name: str, rule: FieldRule, text: str) -> Scalar:
    found = (rule.values or {}).get(text, rule.otherwise)
    if found is None:
        raise ValueNotMapped(field=name, next_step=f"Add it to mapping.fields.{name}.values.")
    return found


def _dated(name: str, date_format: str, text: str) -> str:
    try:
        return _day_or_instant(datetime.strptime(text, date_format), date_format)  # noqa: DTZ007 - London's, by the field
    except ValueError:
        raise ValueNotMapped(f"It is no date as {date_format}.", field=name) from None


def _day_or_instant(found: datetime, date_format: str) -> str:
    """Without an hour it is a day, of which each field of ours knows the beginning or the end."""
    has_hour = any(each in date_format for each in ("%H", "%I", "%c", "%X"))
    return found.isoformat() if has_hour else date.isoformat(found.date())


def _pence(name: str, text: str, *, highest: bool) -> int:
    try:
        amounts = [Decimal(each.replace(",", "")) for each in NUMBER.findall(text)]
    except InvalidOperation:
        amounts = []
    if not amounts:
        raise ValueNotMapped("There is no amount in it.", field=name)
    return int((max(amounts) if highest else min(amounts)) * 100)


def _words(text: str) -> str:
    try:
        found = html.fragment_fromstring(text, create_parent=True)
    except (etree.LxmlError, ValueError):
        return text
    for block in found.iter("p", "br", "li", "div", "h1", "h2", "h3", "h4"):
        block.tail = f"\n{block.tail or ''}"
    lines = (" ".join(line.split()) for line in found.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def place_of(item: Any, path: str) -> Any:
    """What a row has at a path; None where there is no such place."""
    for name in path.split("/"):
        item = _step(item, name)
        if item is None:
            return None
    return item


def _step(item: Any, name: str) -> Any:
    if isinstance(item, dict):
        return item.get(name)
    if isinstance(item, list):
        return item[int(name)] if name.isascii() and name.isdigit() and int(name) < len(item) else None
    if not etree.iselement(item):
        return None
    if name.startswith("@"):
        return item.get(name[1:])
    return next((each for each in item if local_name(each) == name), None)


def local_name(element: Any) -> str:
    """Feeds of one vendor differ in namespaces alone, so those do not count."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(found: Any) -> str:
    if etree.iselement(found):
        return "".join(str(each) for each in found.itertext()).strip()
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None or isinstance(found, (dict, list)) else str(found).strip()
