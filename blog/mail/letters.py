"""Letters from templates: a subject, a text, and the same in HTML."""

from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from blog import languages
from blog.models import Site
from blog.settings import ROOT
from blog.web.rendering import zone_of

LONGEST_SUBJECT = 60
"""What telephones show of a subject."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is told by mail."""

    subject: str
    text: str
    html: str


def compose(template: str, site: Site, language: str, **context: object) -> Letter:
    """Write a letter in a language; raises when the template lacks something, so that nobody is sent half a sentence."""
    # The language is the letter's, not that of the request in which it is written.
    return copy_context().run(_compose, template, site, language, context)


def _compose(template: str, site: Site, language: str, context: dict[str, object]) -> Letter:
    languages.speak(language)
    known = context | {"site": site, "language": language, "direction": languages.direction(language)}
    plain = _environment().get_template(f"mail/{template}.txt")
    subject = " ".join("".join(plain.blocks["subject"](plain.new_context(known))).split())
    rich = _environment().get_template(f"mail/{template}.html").render(known | {"subject": subject})
    if len(subject) > LONGEST_SUBJECT:
        subject = subject[: LONGEST_SUBJECT - 1].rstrip() + "…"
    return Letter(subject, plain.render(known).strip() + "\n", rich)


@pass_context
def _moment(context: Context, moment: datetime) -> str:
    return languages.day_and_time(moment.astimezone(zone_of(context["site"])))


@lru_cache
def _environment() -> Environment:
    """Make the environment of mail. Pages have another, whose sentences are HTML always; a letter's text is not."""
    environment = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(ROOT / "templates"),
        auto_reload=False,
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        languages.gettext, languages.ngettext, newstyle=True, pgettext=languages.pgettext
    )
    environment.filters["moment"] = _moment
    return environment
