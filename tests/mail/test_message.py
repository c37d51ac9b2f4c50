"""What travels: whatever was typed, one message with our headers to one address."""

import email
import email.policy
from typing import Any

import pytest
from cast import TODAY
from hypothesis import given
from hypothesis import strategies as st

from blog import languages
from blog.forms.access import InvitationForm
from blog.mail.letters import LONGEST_SUBJECT, Letter, compose
from blog.mail.message import message_of, sender_of, with_plain_domain
from blog.models import Mail, Site
from blog.settings import ROOT

HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post",
}  # fmt: skip
TEMPLATES = sorted(
    path.stem
    for path in (ROOT / "templates/mail").glob("*.txt")
    if path.stem != "layout" and not path.stem.startswith("_")
)
CONTEXT: dict[str, Any] = {
    "name": "Tom <b>& Jerry", "link": "http://127.0.0.1:8000/x/secret", "sign_in": "http://127.0.0.1:8000/login", "expires": TODAY, "now": TODAY, "role": "author",
    "email": "new@example.org", "items": [("“A <i> title” was published.", "http://127.0.0.1:8000/studio")],
    "what": "reset", "by": "Ann & <b>Co</b>", "account": "http://127.0.0.1:8000/account/mail",
}  # fmt: skip


def a_site(title: str = "Field Notes") -> Site:
    return Site(title=title, tagline="", language="en", timezone="UTC", accent="", navigation=[], version=1)


def travelled(title: str, subject: str, text: str, to: str) -> Any:
    mail = Mail(id=7, address=to, template="test", created_at=TODAY, unsubscribe="http://127.0.0.1:8000/unsubscribe/1")
    letter = Letter(subject, text, f"<p>{text}</p>")
    message = message_of(mail, letter, to=to, sender="blog@example.org", site_title=title)
    return email.message_from_bytes(message.as_bytes(), policy=email.policy.default)


line = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=80)
prose = st.text(st.characters(codec="utf-8"), max_size=200)


@given(title=line, subject=line, text=prose)
def test_nothing_that_was_typed_adds_a_header(title: str, subject: str, text: str) -> None:
    arrived = travelled(title, " ".join(subject.split()), text, "nora@example.org")
    assert {name.lower() for name in arrived.keys()} <= HEADERS  # noqa: SIM118 - a message is no dictionary
    assert [address.addr_spec for address in arrived["to"].addresses] == ["nora@example.org"]
    assert [address.addr_spec for address in arrived["from"].addresses] == ["blog@example.org"]


@given(typed=st.text(max_size=60) | st.emails() | st.emails().map(lambda one: f"{one}\r\nBcc: {one}"))
def test_every_address_that_a_form_takes_can_be_written_to_or_is_refused_as_one(typed: str) -> None:
    form, errors = InvitationForm.parse({"email": typed, "role": "author"})
    if errors:
        return
    try:
        arrived = travelled("Site", "Subject", "text", form.email)
    except (ValueError, email.errors.MessageError):
        return  # which is told to the admins as a letter that cannot be sent
    assert len(arrived["to"].addresses) == 1
    assert {name.lower() for name in arrived.keys()} <= HEADERS  # noqa: SIM118 - as above


@pytest.mark.parametrize("hostile", ["a\r\nBcc: x@y.z", "a\nb", "a\rb"])
def test_a_line_end_in_a_header_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError, match=r"newline|linefeed|carriage"):
        travelled("Site", hostile, "text", "nora@example.org")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", ["en", "ru", "ar"])
def test_every_letter_says_the_same_in_text_and_html(template: str, language: str) -> None:
    before = languages.spoken().tag
    letter = compose(template, a_site("Notes & <b>more</b>"), language, base_url="http://127.0.0.1:8000", **CONTEXT)
    assert languages.spoken().tag == before, "a letter does not change the language of who writes it"
    assert 0 < len(letter.subject) <= LONGEST_SUBJECT
    assert "\n" not in letter.subject
    assert "&amp;" not in letter.text + letter.subject
    assert "<b>" not in letter.html
    assert f'lang="{language}"' in letter.html
    assert ('dir="rtl"' in letter.html) == (language == "ar")
    for address in {word for word in letter.text.split() if word.startswith("http")}:
        assert f'href="{address}"' in letter.html
    assert "\n\n\n" not in letter.text
    if language == "ru":
        assert any("а" <= sign <= "я" for sign in letter.text)


def test_a_long_title_leaves_a_subject_that_telephones_show() -> None:
    letter = compose("password-reset", a_site("x" * 100), "en", base_url="", **CONTEXT)
    assert len(letter.subject) == LONGEST_SUBJECT
    assert letter.subject.endswith("…")


@pytest.mark.parametrize(
    ("configured", "host", "sender"),
    [
        ("blog@example.org", "x.test", "blog@example.org"),
        ("", "notes.example.org", "noreply@notes.example.org"),
        ("", "127.0.0.1", "noreply@localhost"),
        ("", "::1", "noreply@localhost"),
    ],
)
def test_mail_is_from_the_site(configured: str, host: str, sender: str) -> None:
    assert sender_of(configured, host) == sender


def test_domains_are_written_as_servers_know_them() -> None:
    assert with_plain_domain("nora@bücher.example") == "nora@xn--bcher-kva.example"
    assert with_plain_domain("nora@example.org") == "nora@example.org"
    assert with_plain_domain(f"nora@{'x' * 70}.org") == f"nora@{'x' * 70}.org"
