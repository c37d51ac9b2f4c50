"""What browsers say of themselves, in the few words that people know them by."""

BROWSERS = (
    # The first that fits: most call themselves by the names of others too.
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Vivaldi", "Vivaldi"), ("SamsungBrowser", "Samsung Internet"),
    ("YaBrowser", "Yandex Browser"), ("DuckDuckGo", "DuckDuckGo"), ("FxiOS", "Firefox"), ("Firefox", "Firefox"),
    ("CriOS", "Chrome"), ("HeadlessChrome", "Chrome"), ("Chromium", "Chromium"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"), ("Wget", "Wget"), ("python", "Python"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("FreeBSD", "FreeBSD"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> tuple[str, str]:
    """Name the browser and the system that a User-Agent header tells of; what it does not tell is empty."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign.casefold() in user_agent.casefold()), "")
