"""Templates to bytes: the Jinja environment, its filters, and what every page is given."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from litestar import Response
from litestar.connection import Request
from markupsafe import Markup

from blog import languages
from blog.auth.tokens import form_token
from blog.models import Login, Site, User
from blog.settings import ROOT
from blog.web import flash, routes
from blog.web.appearance import theme_of
from blog.web.assets import Assets
from blog.web.state import house, is_desk, site_of, zone_named
from blog.web.state import zone_of as zone_of  # controllers look for it beside `page`

Asked = Request[User | None, Login | None, Any]
FIRST_IN_GROUPS = 1_000
"""From here on a number's thousands stand apart, as its language writes them."""


def render(name: str, *, site: Site, assets: Assets, **context: object) -> str:
    """Render a template that needs no request, such as an error page."""
    nobody = {
        "viewer": None,
        "csrf_token": "",
        "flash": None,
        "request_path": "",
        "base_url": "",
        "theme": "",
        "here": "/",
        "canonical": "",
        "canonical_url": "",
        "language": languages.spoken().tag,
        "zone": zone_of(site),
        "is_static": False,
    }
    return _environment.get_template(name).render(nobody | {"site": site, "assets": assets} | context)


def page(request: Asked, name: str, *, status: int = 200, **context: object) -> Response[bytes]:
    """Answer with a page; who is signed in gets their forms' token and the message that waits for them."""
    here = house(request)
    waiting = flash.waiting(request) if request.user else None
    shared = {
        "site": site_of(request.scope),
        "assets": here.assets,
        "viewer": request.user,
        "csrf_token": form_token(here.settings.secret_key, request.auth.token_hash) if request.auth else "",
        "flash": waiting,
        "request_path": request.scope["path"],
        "base_url": here.settings.base_url,
        "now": here.clock(),
        "waits": request.scope["state"].get("waits"),
        "theme": theme_of(request),
        "here": _here(request),
        "canonical": _canonical(request),
        "canonical_url": "",
        "language": languages.spoken().tag,
        "zone": zone_for(request),
        "is_static": here.is_static,
    }
    text = _environment.get_template(name).render(shared | context)
    response = Response(text.encode(), status_code=status, headers={"content-type": "text/html; charset=utf-8"})
    if waiting is not None:
        flash.drop(response)
    return response


def _here(request: Asked) -> str:
    """Give the address of this page, to come back to."""
    query = request.scope["query_string"].decode("latin-1")
    return routes.encoded(request.scope["path"]) + (f"?{query}" if query else "")


def _canonical(request: Asked) -> str:
    """Give the one path of this page: of all that a query may say, only the number of a later page makes another."""
    number = request.query_params.get("page", "1")
    return routes.encoded(request.scope["path"]) + (f"?page={number}" if number.isdigit() and number != "1" else "")


def text_of_template(request: Asked, name: str, **context: object) -> str:
    """Render a template that is the same for everybody, such as a feed."""
    here = house(request)
    site = site_of(request.scope)
    shared = {
        "site": site,
        "assets": here.assets,
        "base_url": here.settings.base_url,
        "zone": zone_of(site),
        "is_static": here.is_static,
    }
    return _environment.get_template(name).render(shared | context)


def told(data: dict[str, Any], status: int = 200) -> Response[bytes]:
    """Answer a script of our own pages."""
    return Response(json.dumps(data).encode(), status_code=status, headers={"content-type": "application/json"})


def plain(text: str, content_type: str, modified: datetime | None = None) -> Response[bytes]:
    """Answer with a text for programs; `modified` is when it last changed, where that is known."""
    headers = {"content-type": content_type}
    if modified is not None:
        headers["last-modified"] = format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True)
    return Response(text.encode(), headers=headers)


def see(path: str, *, message: str = "") -> Response[bytes]:
    """Answer a form that was accepted: go on to this path (303), where the message waits."""
    response = Response(b"", status_code=303, headers={"location": path})
    if message:
        flash.put(response, message)
    return response


@pass_context
def _asset(context: Context, name: str) -> str:
    assets: Assets = context["assets"]
    return assets.dressed(context["site"].accent).url(name)


def zone_for(request: Asked) -> ZoneInfo:
    """Give the zone in which this page tells time and its forms read it: on the desk that of the person, if they chose."""
    site = site_of(request.scope)
    if request.user is None or not is_desk(request.scope["path"]):
        return zone_of(site)
    return zone_named(request.user.timezone) or zone_of(site)


def _zone(context: Context) -> ZoneInfo:
    zone: ZoneInfo = context["zone"]
    return zone


@pass_context
def _day(context: Context, moment: datetime) -> str:
    return languages.day(moment.astimezone(_zone(context)))


@pass_context
def _moment(context: Context, moment: datetime) -> str:
    return languages.day_and_time(moment.astimezone(_zone(context)))


@pass_context
def _lately(context: Context, moment: datetime) -> str:
    """Say when something was: of today the time is enough."""
    zone = _zone(context)
    is_today = moment.astimezone(zone).date() == context["now"].astimezone(zone).date()
    return _clock(context, moment) if is_today else _moment(context, moment)


@pass_context
def _clock(context: Context, moment: datetime) -> str:
    return languages.time_of_day(moment.astimezone(_zone(context)))


@pass_context
def _in_words(context: Context, moment: datetime) -> str:
    """Say when something is so that nobody mistakes it: the day and how far it is, the time, the zone, and UTC."""
    zone = _zone(context)
    local, today = moment.astimezone(zone), context["now"].astimezone(zone)
    words = f"{languages.from_today(local, today)}, {languages.whole_day(local)}, {languages.time_of_day(local)} {zone}"
    utc = moment.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return words
    other_day = f"{languages.day(utc)}, " if utc.date() != local.date() else ""
    return f"{words} ({other_day}{languages.time_of_day(utc)} UTC)"


@pass_context
def _local_input(context: Context, moment: datetime | None) -> str:
    return f"{moment.astimezone(_zone(context)):%Y-%m-%dT%H:%M}" if moment else ""


@pass_context
def _is_second(context: Context, moment: datetime | None) -> bool:
    """Tell whether the site's clocks showed this time once before on that day, before they were put back."""
    return moment is not None and moment.astimezone(_zone(context)).fold == 1


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def query_of(values: dict[str, object]) -> str:
    """Write the query of an address with its question mark; what is empty is left out."""
    given = {key: value for key, value in values.items() if value not in {None, ""}}
    return "?" + urlencode(given) if given else ""


def _host(address: str) -> str:
    """Shorten an address to what a reader knows it by."""
    parts = urlsplit(address)
    return (parts.hostname or address).removeprefix("www.") + parts.path.rstrip("/")


# Jinja's own extension does the same through four calls, and a page says thirty sentences.
def _say(sentence: str, **values: object) -> Markup:
    told = _as_written(languages.gettext(sentence))
    return told % values if values else told


def _say_number(one: str, many: str, number: int, **values: object) -> Markup:
    sentence = languages.ngettext(one, many, number)
    shown = languages.number(number) if number >= FIRST_IN_GROUPS else str(number)
    return Markup(sentence.replace("%(num)d", "%(num)s")) % {"num": shown, **values}  # noqa: S704 - as below


def _say_in(context: str, sentence: str, **values: object) -> Markup:
    return Markup(languages.pgettext(context, sentence)) % values  # noqa: S704 - as below


@lru_cache(5000)
def _as_written(sentence: str) -> Markup:
    return Markup(sentence)  # noqa: S704 - a sentence of ours or of a catalog; what is put into it is escaped


def _make_environment() -> Environment:
    environment = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(ROOT / "templates"),
        auto_reload=False,
        autoescape=select_autoescape(disabled_extensions=("txt", "md"), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day, "moment": _moment, "lately": _lately, "in_words": _in_words, "clock": _clock, "local_input": _local_input,
        "is_second": _is_second, "iso": _iso, "query": query_of,
        "path": routes.encoded, "host": _host, "month": languages.month, "month_name": languages.month_name,
        "direction": languages.direction, "size": languages.size, "span": languages.span,
    }  # fmt: skip
    environment.install_gettext_callables(_say, _say_number, newstyle=True)  # type: ignore[attr-defined]  # it is added
    environment.globals |= {
        "asset": _asset, "url": routes.url,
        "_": _say, "gettext": _say, "ngettext": _say_number, "pgettext": _say_in,
    }  # fmt: skip
    return environment


_environment = _make_environment()
