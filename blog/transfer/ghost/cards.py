"""Ghost's cards as plain HTML: what is in them for readers, without how Ghost framed and coloured it."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from blog.transfer.ghost.tables import words

Card = Mapping[str, Any]
Tell = Callable[[str], None]

MOST_STARS = 5
_SIZES = ("bytes", "KB", "MB", "GB")


def card_html(name: str, card: Card, tell: Tell) -> str:
    """Give the HTML of a card; `tell` takes what does not come along. An unknown card is told, and its HTML kept."""
    if reason := _hidden(card):
        tell(f"A card “{name}” was left out: {reason}")
        return ""
    make = _CARDS.get(name)
    if make is None:
        tell(f"The card “{name[:60]}” is not known here; only its text stands there.")
        return "".join(
            f"<div>{words(card.get(key))}</div>" for key in ("html", "header", "heading", "text", "content", "caption")
        )
    return make(card, tell)


def _hidden(card: Card) -> str:
    """Say why readers of the site may not see a card: they would here, for a post shows all of itself or nothing."""
    visibility = card.get("visibility")
    if not isinstance(visibility, dict):
        return ""
    web = visibility.get("web")
    if isinstance(web, dict):
        if web.get("nonMember", True):
            return ""
        return "only members saw it." if web.get("memberSegment") else "it was for letters only."
    return "it was for letters only." if visibility.get("showOnWeb") is False else ""


def _image(card: Card, tell: Tell) -> str:
    if not words(card.get("src")):
        return ""
    alt = words(card.get("alt")) or words(card.get("altText"))
    picture = _picture(words(card.get("src")), alt, words(card.get("title")))
    if href := words(card.get("href")):
        picture = f'<a href="{escape(href)}">{picture}</a>'
    return _figure(picture, card)


def _gallery(card: Card, tell: Tell) -> str:
    images = [image for image in _list(card.get("images")) if isinstance(image, dict)]
    pictures = [
        _picture(words(image.get("src")), words(image.get("alt")), words(image.get("title")))
        for image in images
        if words(image.get("src"))
    ]
    return _figure("\n".join(pictures), card) if pictures else ""


def _code(card: Card, tell: Tell) -> str:
    language = words(card.get("language")).split(" ")[0]
    name = f' class="language-{escape(language)}"' if language else ""
    return _figure(f"<pre><code{name}>{escape(words(card.get('code')))}</code></pre>", card)


def _rule(card: Card, tell: Tell) -> str:
    return "<hr>"


def _bookmark(card: Card, tell: Tell) -> str:
    about = card.get("metadata") if isinstance(card.get("metadata"), dict) else card
    assert isinstance(about, Mapping)  # noqa: S101 - both are
    url = words(card.get("url")) or words(about.get("url"))
    title = words(about.get("title")) or url
    from_whom = " · ".join(filter(None, (words(about.get("author")), words(about.get("publisher")))))
    lines = [
        f"<strong>{_link(url, escape(title))}</strong>",
        escape(words(about.get("description"))),
        escape(from_whom),
    ]
    return f"<p>{'<br>'.join(filter(None, lines))}</p>{_caption_below(card)}"


def _embed(card: Card, tell: Tell) -> str:
    """A film or a post of another site: its words and a link, for pages here load nothing from elsewhere."""
    url, html = words(card.get("url")), words(card.get("html"))
    metadata = card.get("metadata")
    title = words(metadata.get("title")) if isinstance(metadata, dict) else ""
    tell(f"What {_host(url)} showed is a link to it now.")
    shown = html if "<blockquote" in html else ""
    if not url:
        return f"<div>{html}</div>{_caption_below(card)}"
    return f"{shown}<p>{_link(url, escape(title or url))}</p>{_caption_below(card)}"


def _callout(card: Card, tell: Tell) -> str:
    emoji = escape(words(card.get("calloutEmoji")))
    text = words(card.get("calloutText"))
    return f"<blockquote><p>{emoji} {text}</p></blockquote>" if text else ""


def _toggle(card: Card, tell: Tell) -> str:
    content = words(card.get("content"))
    return f"<details><summary>{words(card.get('heading'))}</summary>{content}</details>"


def _button(card: Card, tell: Tell) -> str:
    return _button_to(words(card.get("buttonUrl")), words(card.get("buttonText")))


def _file(card: Card, tell: Tell) -> str:
    src, name = words(card.get("src")), words(card.get("fileName"))
    if not src:
        return ""
    title = words(card.get("fileTitle")) or name or src
    facts = ", ".join(filter(None, (name if name != title else "", _size(card.get("fileSize")))))
    lines = [_link(src, escape(title)) + (f" ({escape(facts)})" if facts else ""), words(card.get("fileCaption"))]
    return f"<p>{'<br>'.join(filter(None, lines))}</p>"


def _audio(card: Card, tell: Tell) -> str:
    src, title = words(card.get("src")), words(card.get("title"))
    if not src:
        return ""
    caption = words(card.get("caption")) or escape(title)
    return _figure(f'<audio src="{escape(src)}"></audio>', {"caption": caption})


def _video(card: Card, tell: Tell) -> str:
    src = words(card.get("src"))
    if not src:
        return ""
    poster = words(card.get("customThumbnailSrc")) or words(card.get("thumbnailSrc"))
    facts = {"src": src, "poster": poster, "width": _pixels(card.get("width")), "height": _pixels(card.get("height"))}
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in facts.items() if value)
    return _figure(f"<video{attributes}{' loop muted' if card.get('loop') else ''}></video>", card)


def _product(card: Card, tell: Tell) -> str:
    stars = card.get("productStarRating")
    rating = ""
    if card.get("productRatingEnabled") and isinstance(stars, int) and 0 < stars <= MOST_STARS:
        rating = f"<p>{'★' * stars}{'☆' * (MOST_STARS - stars)}</p>"
    picture = words(card.get("productImageSrc"))
    title = words(card.get("productTitle"))
    button = _button_to(words(card.get("productUrl")), words(card.get("productButton")))
    return (
        (f"<p>{_picture(picture)}</p>" if picture else "")
        + (f"<h4>{title}</h4>" if title else "")
        + f"{rating}<div>{words(card.get('productDescription'))}</div>"
        + (button if card.get("productButtonEnabled") else "")
    )


def _header(card: Card, tell: Tell) -> str:
    header, below = words(card.get("header")), words(card.get("subheader"))
    picture = words(card.get("backgroundImageSrc"))
    button = _button_to(words(card.get("buttonUrl")), words(card.get("buttonText")))
    return (
        (f"<p>{_picture(picture)}</p>" if picture else "")
        + (f"<h2>{header}</h2>" if header else "")
        + (f"<p>{below}</p>" if below else "")
        + (button if card.get("buttonEnabled") else "")
    )


def _call_to_action(card: Card, tell: Tell) -> str:
    picture, label = words(card.get("imageUrl")), words(card.get("sponsorLabel"))
    button = _button_to(words(card.get("buttonUrl")), words(card.get("buttonText")))
    return (
        (f"<div>{label}</div>" if card.get("hasSponsorLabel") and label else "")
        + (f"<p>{_picture(picture)}</p>" if picture else "")
        + f"<div>{words(card.get('textValue'))}</div>"
        + (button if card.get("showButton") else "")
    )


def _signup(card: Card, tell: Tell) -> str:
    said = " ".join(filter(None, (words(card.get(name)) for name in ("header", "subheader", "disclaimer"))))
    tell(f"A form to subscribe was left out: “{said[:300]}”")
    return ""


def _letter(card: Card, tell: Tell) -> str:
    tell("A part that was for letters only was left out.")
    return ""


def _paywall(card: Card, tell: Tell) -> str:
    tell("Only what stood below a divider was for members; here a post is for members as a whole or not at all.")
    return ""


def _transistor(card: Card, tell: Tell) -> str:
    tell("A podcast for members was left out.")
    return ""


def _raw(card: Card, tell: Tell) -> str:
    return words(card.get("html"))


def _figure(inside: str, card: Card) -> str:
    caption = words(card.get("caption"))
    return f"<figure>{inside}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>"


def _caption_below(card: Card) -> str:
    caption = words(card.get("caption"))
    return f"<p><em>{caption}</em></p>" if caption else ""


def _picture(src: str, alt: str = "", title: str = "") -> str:
    titled = f' title="{escape(title)}"' if title else ""
    return f'<img src="{escape(src)}" alt="{escape(alt)}"{titled}>'


def _link(url: str, html: str) -> str:
    return f'<a href="{escape(url)}">{html}</a>' if url else html


def _button_to(url: str, text: str) -> str:
    return f"<p>{_link(url, escape(text))}</p>" if url and text else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pixels(value: Any) -> str:
    return str(value) if isinstance(value, int) and 0 < value < 100_000 else ""


def _size(value: Any) -> str:
    if not isinstance(value, int) or value <= 0:
        return ""
    size, unit = float(value), 0
    while size >= 1024 and unit < len(_SIZES) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {_SIZES[unit]}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "another site"
    except ValueError:
        return "another site"


_CARDS: dict[str, Callable[[Card, Tell], str]] = {
    "image": _image,
    "gallery": _gallery,
    "code": _code,
    "codeblock": _code,
    "hr": _rule,
    "horizontalrule": _rule,
    "html": _raw,
    "bookmark": _bookmark,
    "embed": _embed,
    "callout": _callout,
    "toggle": _toggle,
    "button": _button,
    "file": _file,
    "audio": _audio,
    "video": _video,
    "product": _product,
    "header": _header,
    "call-to-action": _call_to_action,
    "signup": _signup,
    "email": _letter,
    "email-cta": _letter,
    "paywall": _paywall,
    "transistor": _transistor,
}
