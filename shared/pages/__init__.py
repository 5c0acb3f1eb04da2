"""Server-rendered pages: one layout, one stylesheet, the govuk macros, and `render` for a route.

A service builds one `Pages`, installs it into its app, and keeps templates in `<feature>/templates`.
Nothing here needs JavaScript, and nothing is inline: the content security policy forbids both.
"""

from shared.pages.asking import ask_first
from shared.pages.rendering import Crumb, FormError, Link, Notice, Pages, Viewer, render
from shared.pages.theme import PageSettings

__all__ = ["Crumb", "FormError", "Link", "Notice", "PageSettings", "Pages", "Viewer", "ask_first", "render"]
