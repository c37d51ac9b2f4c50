"""A word after a form: which of our own sentences the next page should show.

The cookie holds only a key, so a forged one can say nothing that we did not write.
"""

from dataclasses import dataclass
from typing import Any, Literal

from litestar import Response
from litestar.connection import ASGIConnection

from blog.languages import gettext, mark

COOKIE = "flash"
SECONDS = 60
BETWEEN, MOST = ".", 3


@dataclass(frozen=True, slots=True)
class Flash:
    """A sentence for the person, and whether it tells of something done or of a problem."""

    kind: Literal["done", "problem"]
    text: str


SENTENCES: dict[str, Flash] = {
    "saved": Flash("done", mark("Saved.")),
    "merged": Flash("done", mark("Saved. Somebody else had changed this post meanwhile; their changes are in it too.")),
    "tags-renamed": Flash("done", mark("A tag in it was merged or renamed meanwhile; it has what that became.")),
    "times-unkept": Flash("done", mark("The dates below are not saved yet: they count when you publish.")),
    "kept": Flash("done", mark("Saved. Readers see nothing of it until you update the post.")),
    "changes-dropped": Flash("done", mark("Discarded. The changes are still among the earlier versions.")),
    "revision-restored": Flash("done", mark("Restored. It is a new revision; those after it are still there.")),
    "revision-set-aside": Flash("done", mark("Restored. Readers see nothing of it until you update the post.")),
    "published": Flash("done", mark("Published. Readers can see it now.")),
    "scheduled": Flash("done", mark("Scheduled. Readers will see it when its time comes.")),
    "withdrawn": Flash("done", mark("Withdrawn. It is a draft again, and readers no longer see it.")),
    "submitted": Flash("done", mark("Submitted for review. The editors can see it now.")),
    "returned": Flash("done", mark("Returned to its authors. Your note stands above their editor.")),
    "commented": Flash("done", mark("Your comment is there. Those who work on this post are told.")),
    "resolved": Flash("done", mark("Resolved.")),
    "reopened": Flash("done", mark("The comment is open again.")),
    "revoked": Flash("done", mark("Revoked. The link opens nothing any more.")),
    "read": Flash("done", mark("All is marked as read.")),
    "trashed": Flash("done", mark("Moved to the trash. You can bring it back from there.")),
    "restored": Flash("done", mark("Brought back as a draft.")),
    "deleted": Flash("done", mark("Deleted for good.")),
    "transferred": Flash("done", mark("The post has a new owner.")),
    "featured": Flash("done", mark("The post is featured.")),
    "unfeatured": Flash("done", mark("The post is no longer featured.")),
    "uploaded": Flash("done", mark("Uploaded. Copy its Markdown into your text.")),
    "replaced": Flash("done", mark("Replaced. Posts show the new file at the same address.")),
    "file-deleted": Flash("done", mark("The file is deleted.")),
    "welcome": Flash("done", mark("Welcome. This is your desk.")),
    "tag-saved": Flash("done", mark("The tag is saved.")),
    "tag-deleted": Flash("done", mark("The tag is deleted; its posts are still there.")),
    "tags-merged": Flash("done", mark("The tags are one now, and their old addresses lead here.")),
    "site-saved": Flash("done", mark("Saved. Readers see it at once.")),
    "portrait": Flash("done", mark("Your picture is saved.")),
    "portrait-removed": Flash("done", mark("Your picture is taken away.")),
    "profile": Flash("done", mark("Your profile is saved.")),
    "password": Flash("done", mark("Your password is changed. All your other sign-ins were ended.")),
    "mail-chosen": Flash("done", mark("Saved.")),
    "email-asked": Flash(
        "done",
        mark("We sent a link to the new address. Open it to confirm the change. Until then the old address stays."),
    ),
    "email-changed": Flash("done", mark("Your e-mail address is changed. All your other sign-ins were ended.")),
    "email-given": Flash("done", mark("The address is changed, and they are signed out everywhere.")),
    "uninvited": Flash("done", mark("Revoked. The link opens nothing any more.")),
    "has-account": Flash("problem", mark("Somebody with this address has an account already.")),
    "transfer-gone": Flash("problem", mark("The uploaded file is not there any more. Upload it again.")),
    "mail-tried": Flash("done", mark("A test e-mail to you is on its way. Its state is shown below.")),
    "mail-again": Flash("done", mark("We are trying again now.")),
    "mail-dropped": Flash("done", mark("The e-mail is removed.")),
    "app-set-up": Flash("done", mark("Your app is set up. All your other sign-ins were ended.")),
    "app-removed": Flash("done", mark("The app is removed. All your other sign-ins were ended.")),
    "passkey-added": Flash("done", mark("Your passkey is saved. All your other sign-ins were ended.")),
    "passkey-renamed": Flash("done", mark("The passkey has its new name.")),
    "passkey-removed": Flash("done", mark("The passkey is removed. All your other sign-ins were ended.")),
    "factor-first": Flash("problem", mark("Set up an app or a passkey first; recovery codes come with it.")),
    "last-factor": Flash(
        "problem", mark("Your role needs a second factor. Set up another one before you remove this.")
    ),
    "second-factor-reset": Flash("done", mark("Their second factor is taken away, and their sign-ins were ended.")),
    "session-ended": Flash("done", mark("That sign-in was ended.")),
    "sessions-ended": Flash("done", mark("All your other sign-ins were ended.")),
    "role": Flash("done", mark("The role is changed, and their sign-ins were ended.")),
    "suspended": Flash("done", mark("Suspended. Their sign-ins were ended.")),
    "reactivated": Flash("done", mark("Reactivated. They can sign in again.")),
    "their-sessions-ended": Flash("done", mark("Their sign-ins were ended.")),
    "user-deleted": Flash("done", mark("The account is deleted for good.")),
    "admitted": Flash("done", mark("Let in. They can sign in now, as a viewer.")),
    "turned-away": Flash("done", mark("Turned away. They are told nothing.")),
    "redirect-saved": Flash("done", mark("The redirect is saved, and works at once.")),
    "redirect-waits": Flash(
        "problem",
        mark(
            "Saved. But there is a page at the old address: readers see the page, and the redirect waits until it is gone."
        ),
    ),
    "redirect-deleted": Flash("done", mark("The redirect is deleted.")),
    "redirects-imported": Flash("done", mark("The redirects are imported, and work at once.")),
}


def put(response: Response[Any], key: str) -> None:
    """Let the next page show a sentence, or several: their keys with dots between."""
    if not _sentences(key):
        raise KeyError(key)
    response.set_cookie(COOKIE, key, max_age=SECONDS, path="/", httponly=True, samesite="lax")


def waiting(connection: ASGIConnection[Any, Any, Any, Any]) -> Flash | None:
    """Give the sentence that waits for this browser."""
    found = _sentences(connection.cookies.get(COOKIE, ""))
    if not found:
        return None
    is_problem = any(one.kind == "problem" for one in found)
    return Flash("problem" if is_problem else "done", " ".join(gettext(one.text) for one in found))


def sentence(key: str) -> str:
    """Say at once what a key stands for."""
    return gettext(SENTENCES[key].text)


def drop(response: Response[Any]) -> None:
    """Take the sentence away once it was shown."""
    response.delete_cookie(COOKIE, path="/")


def _sentences(key: str) -> list[Flash]:
    """Give what a key stands for; nothing when a part of it is none of ours."""
    keys = key.split(BETWEEN)[:MOST]
    return [SENTENCES[one] for one in keys] if all(one in SENTENCES for one in keys) else []
