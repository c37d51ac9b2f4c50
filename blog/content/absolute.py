"""HTML that leaves its page: in a feed a link must say which site, and which page, it meant."""

import re
from functools import partial

_TAG = re.compile(r"""<[a-z](?:[^>"]|"[^"]*")*>""")
_LINK = re.compile(r'(\s(?:href|src|poster|cite)=")(?=[/#?])(?!//)([^"]*)')


# Feed readers take a picture as it is; the smaller copies of it would only make the feed longer.
_SOURCE = re.compile(r'<source type="image/[^>]*>')


def absolute(html: str, *, site: str, page: str) -> str:
    """Make the links of a post absolute: `site` is the site's address without a slash at the end, `page` the post's."""
    html = _SOURCE.sub("", html)
    if 'href="' not in html and 'src="' not in html:
        return html
    return _TAG.sub(lambda tag: _LINK.sub(partial(_whole, site, page), tag[0]), html)


def _whole(site: str, page: str, link: re.Match[str]) -> str:
    return f"{link[1]}{site if link[2].startswith('/') else page}{link[2]}"
