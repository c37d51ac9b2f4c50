"""Audits the site as readers meet it, and writes docs/audit.md: Lighthouse, the Nu HTML checker, and weights.

Run it with `make audit`, or `make audit FOLDERS="Name=path Other=path"` to audit blogs imported from Markdown folders
beside the sample. It needs Chromium, Node.js and Java, and fetches the two tools from npm once.
"""

import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

HERE = Path(__file__).parent
TOOLS = HERE.parent / ".venv" / "audit"
PACKAGES = ("lighthouse@12.8.2", "vnu-jar@26.9.27")
sys.path.insert(0, str(HERE.parent / "tests"))

from live import BLOG, environment_for, free_port  # noqa: E402 - it stands in the tests' folder

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
CHROME = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu"
CHECKED_POSTS = 100
RUNS, SPARE_RUNS = 3, 3
LINK = re.compile(r'(?:href|src)="([^"#]+)')


@dataclass
class Findings:
    """What was seen of one site."""

    name: str
    whole: bool
    """Whether every page was fetched that links reach; else the lists and a hundred posts from end to end."""
    scores: list[tuple[str, str, list[int]]] = field(default_factory=list)
    pages_checked: int = 0
    html_errors: list[str] = field(default_factory=list)
    feed_bytes: int = 0
    post_bytes: list[int] = field(default_factory=list)
    other_hosts: set[str] = field(default_factory=set)
    not_found: list[str] = field(default_factory=list)


async def main() -> None:
    install()
    sites = [await audit("The sample", None)]
    for name, _, folder in (given.partition("=") for given in sys.argv[1:]):
        sites.append(await audit(name, Path(folder)))
    write(sites)


def install() -> None:
    for need in ("node", "npm", "java"):
        if shutil.which(need) is None:
            sys.exit(f"The audit needs {need}.")
    if not (TOOLS / "node_modules" / "vnu-jar").is_dir():
        TOOLS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--prefix", TOOLS, *PACKAGES], check=True)


async def audit(name: str, folder: Path | None) -> Findings:
    found = Findings(name, whole=folder is None)
    with tempfile.TemporaryDirectory() as scratch:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = environment_for(
            f"sqlite+aiosqlite:///{scratch}/blog.db", Path(scratch), BASE_URL=url, PORT=str(port), LOG_LEVEL="WARNING"
        )
        subprocess.run([BLOG, "migrate", *([] if folder else ["--sample"])], env=environment, check=True)
        if folder:
            assets = next((parent for parent in folder.resolve().parents if (parent / "assets").is_dir()), folder)
            command = [BLOG, "import", "markdown", folder, "--assets", assets]
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([BLOG, "serve"], env=environment, stdout=subprocess.DEVNULL)
        try:
            async with httpx.AsyncClient(base_url=url, transport=httpx.AsyncHTTPTransport(retries=20)) as reader:
                await reader.get("/health/ready")
                pages = await crawl(reader, found, everything=folder is None)
                check_html(pages, Path(scratch), found)
                await weigh(reader, pages, found)
            for path in chosen(pages):
                for device in ("mobile", "desktop"):
                    found.scores.append((path, device, lighthouse(url + path, device)))
                    print(name, *found.scores[-1])
        finally:
            server.terminate()
            server.wait()
    return found


async def crawl(reader: httpx.AsyncClient, found: Findings, *, everything: bool) -> dict[str, str]:
    """Fetch public pages: all that links reach, or the main ones and 100 posts from end to end."""
    sitemap = re.findall(r"<loc>([^<]+)</loc>", (await reader.get("/sitemap.xml")).text)
    posts = [place for place in sitemap if "/posts/" in place]
    step = 1 if everything else max(1, len(posts) // CHECKED_POSTS)
    waiting = ["/", "/archive", "/tags", "/search", "/search?q=light", "/login", "/nothing-here"]
    waiting += [urlsplit(place).path for place in (sitemap if everything else posts[::step][:CHECKED_POSTS])]
    pages: dict[str, str] = {}
    while waiting:
        path = waiting.pop(0)
        if path in pages:
            continue
        answer = await reader.get(path, headers={"accept-encoding": "identity"})
        if answer.status_code == 404 and path != "/nothing-here":
            found.not_found.append(path)
        if not answer.headers.get("content-type", "").startswith("text/html") or answer.is_redirect:
            continue
        pages[path] = answer.text
        found.other_hosts |= hosts_asked(answer.text) if everything else set()
        if everything:
            links = (urljoin(str(answer.url), link.replace("&amp;", "&")) for link in LINK.findall(answer.text))
            waiting += [
                link.removeprefix(str(reader.base_url)) for link in links if link.startswith(str(reader.base_url))
            ]
    return pages


def hosts_asked(html: str) -> set[str]:
    """Find the hosts that a browser would ask for parts of a page."""
    parts = re.findall(
        r'<(?:img|script|source|video|audio|iframe)[^>]+src="(https?://[^"]+)|rel="stylesheet" href="(https?://[^"]+)',
        html,
    )
    return {urlsplit(one or other).netloc for one, other in parts}


def check_html(pages: dict[str, str], scratch: Path, found: Findings) -> None:
    folder = scratch / "pages"
    folder.mkdir()
    paths = {}
    for number, (path, text) in enumerate(pages.items()):
        file = folder / f"{number:05}.html"
        file.write_text(text)
        paths[file.name] = path
    jar = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    done = subprocess.run(
        ["java", "-jar", jar, "--format", "json", folder], capture_output=True, text=True, check=False
    )
    for message in json.loads(done.stderr or done.stdout)["messages"]:
        if message["type"] == "error":
            found.html_errors.append(f"{paths[Path(message['url']).name]}: {message['message']}")
    found.pages_checked = len(pages)


async def weigh(reader: httpx.AsyncClient, pages: dict[str, str], found: Findings) -> None:
    """Count the bytes of a feed page and of posts, each with its stylesheet, as they come over the wire."""

    async def size(path: str) -> int:
        async with reader.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
            return len(b"".join([chunk async for chunk in answer.aiter_raw()]))

    stylesheet = re.search(r'rel="stylesheet" href="([^"]+)"', pages["/"])
    assert stylesheet
    css = await size(stylesheet[1])
    found.feed_bytes = await size("/") + css
    found.post_bytes = [await size(path) + css for path in pages if path.startswith("/posts/")]


def chosen(pages: dict[str, str]) -> list[str]:
    """Choose what Lighthouse looks at: feed, longest post, a tag, archive, search, sign-in."""
    longest = max((path for path in pages if path.startswith("/posts/")), key=lambda path: len(pages[path]))
    tag = next((path for path in pages if path.startswith("/tags/") and "." not in path), "/tags")
    return ["/", longest, tag, "/archive", "/search?q=light", "/login"]


def lighthouse(url: str, device: str) -> list[int]:
    """Give the scores of a page, each from 0 to 100; the median of three runs."""
    command = [
        TOOLS / "node_modules" / ".bin" / "lighthouse",
        url,
        "--quiet",
        "--output=json",
        f"--chrome-flags={CHROME}",
    ]
    command += ["--preset=desktop"] if device == "desktop" else []
    # Search results and the sign-in page are kept out of search engines on purpose.
    command += ["--skip-audits=is-crawlable"] if "/search" in url or "/login" in url else []
    environment = {**os.environ, "CHROME_PATH": shutil.which("chromium") or shutil.which("google-chrome") or ""}
    runs: list[list[int]] = []
    for _ in range(RUNS + SPARE_RUNS):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            continue  # Chromium did not start in time
        report = json.loads(done.stdout)["categories"]
        runs.append([round((report[name]["score"] or 0) * 100) for name in CATEGORIES])
        if runs[-1] == [100] * len(CATEGORIES):
            return runs[-1]
        if len(runs) == RUNS:
            break
    return [round(statistics.median(scores)) for scores in zip(*runs, strict=True)]


def write(sites: list[Findings]) -> None:
    lines = [
        "# Audit",
        "",
        f"Made by `make audit` on {datetime.now(UTC):%Y-%m-%d}. Scores are out of 100: performance,",
    ]
    lines += [
        "accessibility, best practices, search engines. A run of four hundreds ends a page; else the median of three counts.",
        "",
    ]
    for site in sites:
        lines += [
            f"## {site.name}",
            "",
            "| Page | Device | Performance | Accessibility | Best practices | SEO |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{path}` | {device} | " + " | ".join(map(str, scores)) + " |" for path, device, scores in site.scores
        ]
        lines += [
            "",
            f"- HTML (Nu checker): {len(site.html_errors)} errors on {site.pages_checked:,} pages.",
            f"- Over the wire with the stylesheet, in gzip: feed {site.feed_bytes / 1000:.1f} kB; "
            f"posts median {statistics.median(site.post_bytes) / 1000:.1f} kB, largest {max(site.post_bytes) / 1000:.1f} kB.",
            *([f"- Other hosts asked: {', '.join(sorted(site.other_hosts)) or 'none'}."] if site.whole else []),
            f"- Addresses that are not there: {len(site.not_found)}.",
            "",
        ]
        lines += [f"  - {error}" for error in site.html_errors[:20]] + [
            f"  - 404: {path}" for path in site.not_found[:20]
        ]
    (HERE / "audit.md").write_text("\n".join(lines).rstrip() + "\n")
    print("Written: docs/audit.md")


if __name__ == "__main__":
    asyncio.run(main())
