"""What an admin may say of old addresses, one by one or as a table (CSV: from, to, and perhaps a status)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from urllib.parse import unquote

from blog.content.hops import clean_target, path_of, within
from blog.forms.fields import Errors, Fields
from blog.languages import gettext as _
from blog.languages import number as written
from blog.models import Redirect
from blog.models.redirect import CODES, GONE, LONGEST_PATH, LONGEST_TARGET

MOST_LINES = 10_000
MOST_ERRORS = 100
COLUMNS = (2, 3)
USUAL = CODES[0]


@dataclass(frozen=True, slots=True)
class RedirectForm:
    """An old address, where it leads, and what is said of it; `path` and `target` as they are stored once all is well."""

    path: str = ""
    target: str = ""
    code: int = USUAL

    @classmethod
    def of(cls, redirect: Redirect) -> "RedirectForm":
        """Fill the form with a redirect as it is."""
        return cls(redirect.path, redirect.target or leads_to(redirect), redirect.code or USUAL)

    @classmethod
    def parse(cls, typed: Mapping[str, object], base_url: str) -> tuple["RedirectForm", Errors]:
        """Read the form; what was typed is kept where it is wrong."""
        fields = Fields(typed)
        code = fields.option("code", [str(code) for code in CODES]) if typed.get("code") else str(USUAL)
        path = fields.text("path", longest=LONGEST_PATH, missing=_("Type the old address."))
        target = fields.text("target", longest=LONGEST_TARGET)
        is_gone = code == str(GONE)
        if path and "path" not in fields.errors:
            path = _path(path, base_url, fields.errors)
        if is_gone and target:
            fields.errors.setdefault(
                "target", _("What is gone leads nowhere. Leave this empty, or choose another answer.")
            )
        elif not is_gone and not target:
            fields.errors.setdefault("target", _("Type where it leads."))
        elif target and "target" not in fields.errors:
            target = _target(target, base_url, fields.errors)
        return cls(path, target, int(code) if code.isdigit() else USUAL), fields.errors


def leads_to(redirect: Redirect) -> str:
    """Give the path that a redirect leads to now; empty for one that is gone. What it leads to must be loaded."""
    if redirect.is_by_hand:
        return redirect.target
    if redirect.post is not None:
        return redirect.post.path
    if redirect.tag is not None:
        return redirect.tag.path
    return f"/authors/{redirect.user.username}" if redirect.user is not None else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number, and what it says."""

    number: int
    form: RedirectForm


def parse_table(content: bytes, base_url: str) -> tuple[list[Line], list[str]]:
    """Read a table of redirects; of each line that is wrong, a sentence that names its number."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [_("The file is not text in UTF-8. Save it from your table program as “CSV UTF-8”.")]
    lines: list[Line] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells) or (not lines and not problems and _is_heading(cells)):
                continue
            if len(lines) + len(problems) >= MOST_LINES:
                problems.insert(
                    0, _("There are more than %(most)s lines. Import them in parts.") % {"most": written(MOST_LINES)}
                )
                break
            form, words = _line(cells, base_url)
            if not words and form.path in seen:
                words = _("%(path)s stands in line %(number)s already.") % {
                    "path": form.path,
                    "number": seen[form.path],
                }
            if words:
                problems.append(said_of(reader.line_num, words))
                continue
            seen[form.path] = reader.line_num
            lines.append(Line(reader.line_num, form))
    except csv.Error:
        problems.append(said_of(reader.line_num, _("This is not written as CSV: perhaps a quotation mark is missing.")))
    if not lines and not problems:
        problems.append(_("There is no line in this file."))
    return lines, problems


def said_of(number: int, words: str) -> str:
    """Say what is wrong with a line."""
    return _("Line %(number)s: %(words)s") % {"number": number, "words": words}


def _line(cells: list[str], base_url: str) -> tuple[RedirectForm, str]:
    if len(cells) not in COLUMNS:
        return RedirectForm(), _("There must be two or three columns: from, to, and perhaps a status.")
    names = dict(zip(("path", "target", "code"), (cell.strip() for cell in cells), strict=False))
    form, errors = RedirectForm.parse(names, base_url)
    if "code" in errors:
        errors["code"] = _("The status is one of %(codes)s.") % {"codes": ", ".join(map(str, CODES))}
    return form, " ".join(errors.values())


def _is_heading(cells: list[str]) -> bool:
    return [cell.strip().lower() for cell in cells[:2]] == ["from", "to"]


def _path(path: str, base_url: str, errors: Errors) -> str:
    own = within(path, base_url)
    cleaned = clean_target(own) if own.startswith("/") else None
    if cleaned is None:
        errors["path"] = _("The old address is one of this site: it begins with /.")
        return path
    if "?" in own or "#" in own:
        errors["path"] = _("Only the path counts: leave out what begins with ? or #.")
        return path
    normal = path_of(cleaned)
    if normal == "/":
        errors["path"] = _("The first page cannot lead elsewhere.")
    elif "\0" in unquote(own) or not normal.isprintable():
        errors["path"] = _("There are characters in this address that no address has.")
        return path
    return normal


def _target(target: str, base_url: str, errors: Errors) -> str:
    cleaned = clean_target(within(target, base_url))
    if cleaned is None or len(cleaned) > LONGEST_TARGET:
        errors["target"] = _("An address begins with / for this site, or with https://.")
        return target
    return cleaned
