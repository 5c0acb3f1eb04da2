"""The Jinja environment: our templates strict, the macros of `govuk-frontend-jinja` as they expect to run.

The macros test options that a caller left out, so they need lenient undefined values; our own templates must not
have them, since a misspelt name would render as nothing. Hence two environments: the macros are compiled in a
lenient one and handed to the strict one as ordinary functions, so that no template imports them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup

from shared.pages.formats import FILTERS

OWN_TEMPLATES = Path(__file__).parent / "templates"

# The library's header, footer and page template carry marks that only GOV.UK may show, so they are not offered.
MACROS = {
    "govukBackLink": "back-link",
    "govukBreadcrumbs": "breadcrumbs",
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukFieldset": "fieldset",
    "govukFileUpload": "file-upload",
    "govukHint": "hint",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukLabel": "label",
    "govukNotificationBanner": "notification-banner",
    "govukPagination": "pagination",
    "govukPanel": "panel",
    "govukPasswordInput": "password-input",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukServiceNavigation": "service-navigation",
    "govukSkipLink": "skip-link",
    "govukSummaryList": "summary-list",
    "govukTable": "table",
    "govukTag": "tag",
    "govukTextarea": "textarea",
    "govukWarningText": "warning-text",
}


@cache
def _govuk_macros() -> dict[str, object]:
    library = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    lenient = Environment(loader=library, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return {
        macro: getattr(lenient.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html").module, macro)
        for macro, folder in MACROS.items()
    }


@pass_context
def csrf_field(context: Context) -> Markup:
    """The hidden field that a form must post back; nothing when the request has no session to forge."""
    token = getattr(context["request"].state, "csrf_token", None)
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token) if token else Markup()


def feature_templates(service_folder: Path) -> dict[str, BaseLoader]:
    """`services/ats/vacancies/templates/list.html` is asked for as `vacancies/list.html`."""
    return {folder.parent.name: FileSystemLoader(folder) for folder in sorted(service_folder.glob("*/templates"))}


def build_environment(service_folder: Path) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(OWN_TEMPLATES), PrefixLoader(feature_templates(service_folder))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    # Jinja does not annotate the mapping, and what a checker infers are the types of its built-in entries.
    names = cast("dict[str, object]", environment.globals)
    names.update(_govuk_macros(), csrf_field=csrf_field)
    return environment
