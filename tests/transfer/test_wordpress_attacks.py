"""Exports that somebody crafted to harm: refused in a sentence and at once, or harmless."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cast import DAY, TODAY
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from transfer.old_site import all_posts, count, png, post_at, told
from transfer.old_wordpress import HEAD, SITE, OldWordPress

from blog.database import Sessions
from blog.models import Media, Post, User
from blog.settings import Settings
from blog.storage import open_storage
from blog.transfer import fetching
from blog.transfer.fetching import REFUSED, fetch, is_public
from blog.transfer.folder import Unreadable
from blog.transfer.terms import ImportRefused
from blog.transfer.threads import go_on
from blog.transfer.wordpress import import_wordpress, reading
from blog.transfer.wordpress.export import WordPressExport
from blog.transfer.wordpress.reading import read_export

START = HEAD.format(v="1.2")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
MANY = " ".join(f"a{number}='x'" for number in range(100))
DECLARES = "The file declares a document type or entities. No export of WordPress does; it is not read."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><rss>&l9;</rss>', DECLARES),
        (f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY big "{"x" * 50_000}">]><rss>{"&big;" * 50_000}</rss>', DECLARES),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss>&e;</rss>', DECLARES),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]><rss>&e;</rss>', DECLARES),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]><rss/>', DECLARES),
        ('<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd"><rss/>', DECLARES),
        (f'{START}<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></channel></rss>',
         "The file wants another file to be included near line 4; it is not read."),
        (f"{START}<item>\n<title>Broken</item></channel></rss>",
         "The file is not whole XML: line 5, column 16: mismatched tag. Export it anew, or mend that place; nothing was imported."),
        (f"{START}<item><title>Cut",
         "The file is not whole XML: line 4, column 17: no element found. Export it anew, or mend that place; nothing was imported."),
        (f"{START}{'<a>' * 100_000}", "Elements are nested more than 16 deep near line 4."),
        (f"{START}<item {MANY}/>", "An element has more than 50 attributes near line 4."),
        ("<html><body>Please sign in.</body></html>", "This is no export of WordPress: the file does not begin with <rss>."),
        ("<rss><channel><title>News</title><item><title>A</title></item></channel></rss>",
         "This is no export of WordPress: nothing in it says which posts there are."),
        (f"{START}</channel></rss>", "This is no export of WordPress: nothing in it says which posts there are."),
        ("", "The file is not whole XML: line 1, column 1: no element found. Export it anew, or mend that place; nothing was imported."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_honest_export_is_refused_at_once(
    content: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", forbid)
    file = tmp_path / "x.xml"
    file.write_text(content)
    begun = time.thread_time()
    assert _refusal(file) == reason
    assert time.thread_time() - begun < 1.0


def _refusal(file: Path) -> str:
    source = WordPressExport(file, None, False, TODAY)
    try:
        list(source.heads(lambda *_: None, go_on))
    except ImportRefused as refused:
        return str(refused)
    finally:
        source.spools()
    return ""


def test_items_that_are_too_large_are_refused_before_they_are_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_ITEM", 1024 * 1024)
    monkeypatch.setattr(reading, "MOST_PARTS", 1000)
    file = tmp_path / "x.xml"
    file.write_text(START + "<item><title>" + "x" * 2_000_000)
    assert _refusal(file) == "One item has more than 1 MB, near line 4."
    file.write_text(START + "<item>" + "<a/>" * 2000)
    assert _refusal(file) == "One item has more than 1,000 parts near line 4."


def test_control_characters_and_blank_lines_before_the_file_harm_nothing(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_bytes(b"\n\n  " + f"{START}<item><title>A\x0bB\x08</title></item></channel></rss>".encode())
    item = next(one for one in read_export(file) if isinstance(one, reading.Item))
    assert item.fact("title") == "AB"


async def test_what_a_text_hides_is_not_shown(old_wordpress: OldWordPress, sessions: Sessions) -> None:
    old_wordpress.author("evil", "<script>alert(1)</script>Evil")
    old_wordpress.item(
        1,
        "<img src=x onerror=alert(1)>Title",
        "<script>alert(1)</script><a href='javascript:alert(1)' onclick='x()'>a</a><iframe src='https://else.example/'></iframe>"
        "[caption]<img src='x' onerror='alert(1)'> <b onclick=x()>c</b>[/caption][gallery ids='\"><script>']"
        "[audio src='javascript:alert(1)']<svg><script>alert(1)</script></svg>\n\n<!-- wp:html --><object data='x'></object><!-- /wp:html -->",
        name="evil",
        by="evil",
        excerpt="<script>alert(1)</script>Short",
        comments=old_wordpress.comment(1, "<script>alert(1)</script>"),
    )
    report = await old_wordpress.bring_in(sessions)
    assert report.imported == 1
    post = await post_at(sessions, "evil")
    for shown in (post.html, post.title, post.excerpt, post.owner.name):
        assert "<script" not in shown
        assert "onerror" not in shown
        assert "onclick" not in shown
        assert "javascript:" not in shown
        assert "<object" not in shown


async def test_names_of_files_lead_nowhere_outside_the_uploads(old_wordpress: OldWordPress, sessions: Sessions) -> None:
    old = old_wordpress
    (old.folder / "secret.png").write_bytes(png("black"))
    inside = old.file(20, "2019/05/in.png", png("white"))
    (old.uploads / "link.png").symlink_to(old.folder / "secret.png")
    paths = ["../secret.png", "2019/../../secret.png", "%2e%2e/secret.png", "..%2fsecret.png", "/etc/passwd", "link.png",
             str(old.folder / "secret.png"), "..\\secret.png", "\x00.png"]  # fmt: skip
    for number, path in enumerate(paths, 30):
        old.item(
            number,
            f"f{number}",
            kind="attachment",
            status="inherit",
            attachment_url=f"{SITE}/wp-content/uploads/{path}".replace("\x00", "%00"),
        )
    shown = "".join(f"<img src='{SITE}/wp-content/uploads/{path}'>".replace("\x00", "%00") for path in paths)
    old.item(1, "Paths", shown + f"<img src='{inside}'>", meta=[("_thumbnail_id", "30")])
    report = await old.bring_in(sessions)
    assert (report.imported, report.pictures_kept) == (1, 1)
    async with sessions() as db:
        assert [media.original_name for media in await db.scalars(select(Media))] == ["in.png"]


async def test_two_items_of_one_number_are_two_posts(old_wordpress: OldWordPress, sessions: Sessions) -> None:
    for _ in range(3):
        old_wordpress.item(1, "Same", "Same.")
    report = await old_wordpress.bring_in(sessions)
    assert (report.imported, [post.slug for post in await all_posts(sessions)]) == (3, ["same", "same-2", "same-3"])
    assert (await old_wordpress.bring_in(sessions)).unchanged == 3


async def test_nothing_is_written_when_the_end_of_the_file_is_broken(
    old_wordpress: OldWordPress, sessions: Sessions
) -> None:
    for number in range(1, 40):
        old_wordpress.item(number, f"Post {number}", "Text.")
    file = old_wordpress.export()
    file.write_text(file.read_text().removesuffix("</channel></rss>\n") + "<item><oops></item>")
    before = await count(sessions, Post, User)
    with pytest.raises(ImportRefused, match="not whole XML"):
        await import_wordpress(
            sessions, open_storage(Settings(media_url=str(old_wordpress.media))), file, media=None, fetch_media=False,
            dry_run=False, now=TODAY, progress=lambda *_: None,
        )  # fmt: skip
    assert await count(sessions, Post, User) == before


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "192.0.2.1", "198.18.0.1", "2001:db8::1"],
)  # fmt: skip
def test_machines_of_this_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_machines_of_the_web_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://old.example/x", "gopher://old.example/", "http://", "http://a@old.example/x", "http://[::1]/x",
     "http://127.0.0.1/x", "http://2130706433/x", "http://0x7f.1/x", "http://localhost/x", "http://169.254.169.254/latest/",
     "//old.example/x", "http://old.example:99999/x", "http://ö.example/x", "javascript:1", ""],
)  # fmt: skip
def test_only_the_web_is_asked_and_all_refusals_read_the_same(address: str) -> None:
    with pytest.raises(Unreadable) as refused:
        fetch(address)
    assert str(refused.value) == REFUSED


class _Answers(BaseHTTPRequestHandler):
    """An old site on this machine: pictures, redirects of every kind, and answers without an end."""

    hosts: list[str] = []  # noqa: RUF012 - each test empties it

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        way, _, rest = self.path.lstrip("/").partition("/")
        if way == "hop":
            self.send_response(302)
            self.send_header("Location", f"/hop/{int(rest) - 1}" if int(rest) > 1 else "/pot.png")
        elif way == "to":
            self.send_response(301)
            self.send_header("Location", rest)
        elif way == "gone":
            self.send_response(404)
        else:
            self.send_response(200)
        self.end_headers()
        if way == "endless":
            while not self.wfile.closed:
                try:
                    self.wfile.write(b"x" * (65536 if rest == "fast" else 1))
                    time.sleep(0 if rest == "fast" else 0.05)
                except OSError:
                    return
        elif way == "pot.png":
            self.wfile.write(png())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of this machine that stands for the web under the name old.example; gives its address."""
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    _Answers.hosts.clear()
    look_up = socket.getaddrinfo

    def known(host: Any, *arguments: Any, **options: Any) -> Any:
        return look_up("127.0.0.1" if host == "old.example" else host, *arguments, **options)

    monkeypatch.setattr(fetching.socket, "getaddrinfo", known)
    monkeypatch.setattr(fetching, "is_public", lambda machine: machine == "127.0.0.1")
    yield f"http://old.example:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_by_the_name_of_its_site_through_at_most_three_redirects(web: str) -> None:
    assert fetch(f"{web}/pot.png") == png()
    assert set(_Answers.hosts) == {web.removeprefix("http://")}
    assert fetch(f"{web}/hop/3") == png()
    for address in (f"{web}/hop/4", f"{web}/gone/x", f"{web}/to/file:///etc/passwd", f"{web}/to/http://127.0.0.2:1/x"):
        with pytest.raises(Unreadable, match=REFUSED):
            fetch(address)


@pytest.fixture
def secure_web(web: str, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The same with TLS; gives its address, and the certificate of old.example, which nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old.example")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(TODAY.replace(year=2000)).not_valid_after(TODAY.replace(year=2100))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("old.example")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate, secret = tmp_path / "old.pem", tmp_path / "old.key"
    certificate.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://old.example:{server.server_port}", certificate
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_over_tls_from_whom_its_certificate_names(
    secure_web: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, certificate = secure_web
    with pytest.raises(Unreadable, match=REFUSED):
        fetch(f"{address}/pot.png")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(f"{address}/pot.png") == png()
    with pytest.raises(Unreadable, match=REFUSED):
        fetch(f"{address.replace('old.example', '127.0.0.1')}/pot.png")


def test_a_name_is_looked_up_once_and_that_machine_is_asked(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, look_up = iter(["127.0.0.1", "127.0.0.3"]), socket.getaddrinfo

    def changing(host: str, *arguments: Any, **options: Any) -> Any:
        return look_up(next(answers) if host == "old.example" else host, *arguments, **options)

    monkeypatch.setattr(fetching.socket, "getaddrinfo", changing)
    assert fetch(f"{web}/pot.png") == png()
    assert next(answers) == "127.0.0.3"


def test_a_redirect_into_this_network_is_not_followed(web: str) -> None:
    port = web.rpartition(":")[2]
    with pytest.raises(Unreadable, match=REFUSED):
        fetch(f"{web}/to/http://127.0.0.9:{port}/pot.png")
    assert len(_Answers.hosts) == 1


def test_what_is_too_large_or_too_slow_is_given_up(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST_RECORDING", 1_000_000)
    with pytest.raises(Unreadable, match=REFUSED):
        fetch(f"{web}/endless/fast")
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(Unreadable, match=REFUSED):
        fetch(f"{web}/endless/slow")
    assert time.monotonic() - begun < 10


async def test_files_are_fetched_when_that_is_asked_for_and_once(
    web: str, old_wordpress: OldWordPress, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = old_wordpress
    old.item(20, "pot", kind="attachment", status="inherit", attachment_url=f"{web}/pot.png")
    old.item(21, "gone", kind="attachment", status="inherit", attachment_url=f"{web}/gone/x.png")
    old.item(1, "Tea", f"<img src='{web}/pot.png?w=300'><img src='{web}/gone/x.png'><img src='http://10.0.0.1/x.png'>")
    report = await old.bring_in(sessions, fetch_media=True)
    assert report.pictures_kept == 1
    assert f"post 1 (Tea): The file {web}/gone/x.png is missing: {REFUSED}" in told(report)
    assert "![](/media/" in (await post_at(sessions, "tea")).body
    asked = len(_Answers.hosts)
    again = await old.bring_in(sessions, fetch_media=True, now=TODAY + DAY)
    assert (again.unchanged, again.pictures_kept) == (1, 0)
    # A text that misses a file asks for its files again; one that has all of them asks for none.
    assert len(_Answers.hosts) - asked == 2
