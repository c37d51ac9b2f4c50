"""Drawings (SVG): XML that can hold programs, so they are read without following anything, and disarmed."""

import re
from xml.etree import ElementTree
from xml.parsers import expat

from blog.content.pictures import LONGEST_SIDE, MediaRefused, Picture

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_NAMESPACE = "http://www.w3.org/1999/xlink"
SVG_RUNS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener"})
SVG_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
SVG_DOCTYPE = re.compile(rb"<!DOCTYPE\s+svg(\s+(PUBLIC\s+\"[^\"<>\[]*\"|SYSTEM)\s+\"[^\"<>\[]*\")?\s*>")
SVG_LENGTH = re.compile(r"\s*\+?(\d{1,6}(?:\.\d*)?|\.\d+)\s*(px|pt|pc|in|cm|mm)?\s*")


def looks_like_svg(content: bytes) -> bool:
    """Tell whether the bytes begin as a drawing does."""
    return b"<svg" in content[:4096] or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<!DOCTYPE svg"))


def svg(content: bytes) -> Picture:
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
    return Picture(content, "image/svg+xml", "svg", *_svg_size(root))


def _refuse_declarations(content: bytes) -> None:
    def refuse(*_: object) -> None:
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
