"""Drawings (SVG): XML that can hold programs, so they are read without following anything, and disarmed.

An operator's own drawings lose what could run and nothing else. Of those that writers send only what is on a list is
kept: shapes, text, colours, filters, plain animation, and pictures that are inside.
"""

import re
from dataclasses import replace
from xml.etree import ElementTree
from xml.parsers import expat

from blog.content.files import File, MediaRefused
from blog.content.pictures import LONGEST_SIDE
from blog.languages import gettext as _

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_NAMESPACE = "http://www.w3.org/1999/xlink"
SVG_RUNS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener"})
SVG_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
SVG_DOCTYPE = re.compile(rb"<!DOCTYPE\s+svg(\s+(PUBLIC\s+\"[^\"<>\[]*\"|SYSTEM)\s+\"[^\"<>\[]*\")?\s*>")
LARGEST_DRAWING = 2 * 1024 * 1024
MOST_SHOWN = 200_000
"""Elements that a drawing may become when what it uses again is drawn again."""
SHOWN = frozenset(
    [
        "svg",
        "g",
        "defs",
        "symbol",
        "use",
        "switch",
        "title",
        "desc",
        "style",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "image",
        "text",
        "tspan",
        "textPath",
        "marker",
        "pattern",
        "mask",
        "clipPath",
        "linearGradient",
        "radialGradient",
        "stop",
        "view",
        "animate",
        "animateTransform",
        "animateMotion",
        "mpath",
        "filter",
        "feBlend",
        "feColorMatrix",
        "feComponentTransfer",
        "feComposite",
        "feConvolveMatrix",
        "feDiffuseLighting",
        "feDisplacementMap",
        "feDistantLight",
        "feDropShadow",
        "feFlood",
        "feFuncA",
        "feFuncB",
        "feFuncG",
        "feFuncR",
        "feGaussianBlur",
        "feImage",
        "feMerge",
        "feMergeNode",
        "feMorphology",
        "feOffset",
        "fePointLight",
        "feSpecularLighting",
        "feSpotLight",
        "feTile",
        "feTurbulence",
    ]
)
_OWN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_INSIDE = re.compile(r"#[^\s]+|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_ELSEWHERE = re.compile(
    r"@import|expression\(|javascript:|url\(\s*[\"']?(?!#|[\"']?data:image/(?:png|jpeg|gif|webp);)", re.I
)
SVG_LENGTH = re.compile(r"\s*\+?(\d{1,6}(?:\.\d*)?|\.\d+)\s*(px|pt|pc|in|cm|mm)?\s*")


def looks_like_svg(content: bytes) -> bool:
    """Tell whether the bytes begin as a drawing does."""
    return b"<svg" in content[:4096] or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<!DOCTYPE svg"))


def svg(content: bytes) -> File:
    """Read an SVG without following anything it declares; take out what could run."""
    content = SVG_DOCTYPE.sub(b"", content, count=1)
    try:
        content.decode("utf-8")
        _refuse_declarations(content)
        root = ElementTree.fromstring(content)  # noqa: S314 - declarations, and so entities, were refused above
        if _disarm(root):
            ElementTree.register_namespace("", SVG_NAMESPACE)
            ElementTree.register_namespace("xlink", XLINK_NAMESPACE)
            content = ElementTree.tostring(root, encoding="utf-8")
    except MediaRefused:
        raise
    except (UnicodeDecodeError, ElementTree.ParseError, expat.ExpatError, ValueError, RecursionError) as error:
        raise MediaRefused(f"The SVG picture is broken and cannot be read: {error}.") from error
    if root.tag != f"{{{SVG_NAMESPACE}}}svg":
        raise MediaRefused("This XML file is not an SVG picture.")
    return File(content, "image/svg+xml", "svg", *_svg_size(root))


def sanitised(content: bytes) -> File:
    """Read a drawing that a writer sent and write anew what of it may be shown; raise MediaRefused."""
    if len(content) > LARGEST_DRAWING:
        raise MediaRefused(_("A drawing (SVG) has at most %(most)s MB.") % {"most": LARGEST_DRAWING // 2**20})
    try:
        safe = svg(content)
        root = ElementTree.fromstring(safe.content)  # noqa: S314 - it was read above without what it declares
        _keep_shown(root)
        shown = _becomes(root)
    except (MediaRefused, RecursionError) as error:
        raise MediaRefused(_("The drawing (SVG) is broken, or declares entities, and cannot be taken.")) from error
    if shown > MOST_SHOWN:
        raise MediaRefused(_("The drawing repeats itself too often to be shown."))
    ElementTree.register_namespace("", SVG_NAMESPACE)
    ElementTree.register_namespace("xlink", XLINK_NAMESPACE)
    return replace(safe, content=ElementTree.tostring(root, encoding="utf-8"))


def _keep_shown(element: ElementTree.Element) -> None:
    for name, value in list(element.attrib.items()):
        if not _may_stay(name, value):
            del element.attrib[name]
    if element.tag == f"{{{SVG_NAMESPACE}}}style" and (len(element) or _points_elsewhere(element.text or "")):
        element.text = ""
    before = None
    for child in list(element):
        if isinstance(child.tag, str) and child.tag.removeprefix(f"{{{SVG_NAMESPACE}}}") in SHOWN:
            _keep_shown(child)
            before = child
            continue
        # What stands between elements is text of the one around them.
        if child.tail and child.tail.strip():
            if before is None:
                element.text = (element.text or "") + child.tail
            else:
                before.tail = (before.tail or "") + child.tail
        element.remove(child)


def _may_stay(name: str, value: str) -> bool:
    if name in {"href", f"{{{XLINK_NAMESPACE}}}href"}:
        return _INSIDE.fullmatch(value.strip()) is not None
    if name == "attributeName":
        # An animation could give a link its address later.
        return _OWN_NAME.fullmatch(value) is not None and not value.lower().endswith("href")
    is_known = _OWN_NAME.fullmatch(name) is not None or name == "{http://www.w3.org/XML/1998/namespace}space"
    return is_known and not name.lower().startswith("on") and not _points_elsewhere(value)


def _points_elsewhere(style: str) -> bool:
    # A backslash writes any letter of CSS in another way.
    return _ELSEWHERE.search(re.sub(r"/\*.*?\*/", "", style, flags=re.S)) is not None or "\\" in style


def _becomes(root: ElementTree.Element) -> int:
    """Count the elements that are drawn when every `use` draws again what it names."""
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    known: dict[ElementTree.Element, int] = {}

    def count(element: ElementTree.Element, path: frozenset[int]) -> int:
        if id(element) in path:
            return 0  # a browser draws nothing that is within itself
        if element not in known:
            within = path | {id(element)}
            target = element.get("href", element.get(f"{{{XLINK_NAMESPACE}}}href", ""))
            used = named.get(target[1:]) if element.tag.endswith("}use") and target.startswith("#") else None
            total = (
                1 + sum(count(child, within) for child in element) + (count(used, within) if used is not None else 0)
            )
            known[element] = min(total, MOST_SHOWN + 1)
        return known[element]

    return count(root, frozenset())


def _refuse_declarations(content: bytes) -> None:
    def refuse(*_declared: object) -> None:
        raise MediaRefused("The SVG picture declares entities or a document type, which is how XML is made to explode.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(content, True)


def _disarm(element: ElementTree.Element) -> bool:
    """Take scripts, handlers and foreign documents out of an element and all within; tell whether there were any."""
    found = False
    for inner in [element, *element.iter()]:
        for name, value in list(inner.attrib.items()):
            local = name.rpartition("}")[2].lower()
            reference = re.sub(r"[\x00-\x20]", "", value).lower()
            if local.startswith("on") or (local in {"href", "src", "to", "from", "values"} and "script:" in reference):
                del inner.attrib[name]
                found = True
        for child in [child for child in inner if _runs(child)]:
            inner.remove(child)
            found = True
    return found


def _runs(element: ElementTree.Element) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2].lower() in SVG_RUNS


def _svg_size(root: ElementTree.Element) -> tuple[int | None, int | None]:
    width, height = _length(root.get("width", "")), _length(root.get("height", ""))
    if width and height:
        return width, height
    box = [_length(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    if len(box) == 4 and box[2] and box[3]:
        return box[2], box[3]
    return None, None


def _length(text: str) -> int | None:
    match = SVG_LENGTH.fullmatch(text)
    if match is None:
        return None
    pixels = round(float(match[1]) * SVG_UNITS[match[2] or ""])
    return pixels if 0 < pixels <= LONGEST_SIDE * 5 else None
