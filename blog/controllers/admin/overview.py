"""Who may do what, drawn from the policy itself, and what events are called."""

from typing import Any

from litestar import Controller, Response, get

from blog import policy
from blog.languages import gettext, mark
from blog.models import Role
from blog.web.guards import serves
from blog.web.rendering import Asked, page

ANONYMOUS = mark("anonymous")
DEEDS = (
    mark("approval.created"), mark("backup.made"), mark("backup.proven"), mark("backup.restored"),
    mark("comment.created"), mark("comment.reopened"), mark("comment.resolved"),
    mark("invitation.accepted"), mark("invitation.created"), mark("invitation.revoked"),
    mark("mail.dropped"), mark("mail.failed"), mark("media.changed"), mark("media.deleted"), mark("media.replaced"), mark("media.uploaded"),
    mark("post.changes_dropped"), mark("post.created"), mark("post.deleted"), mark("post.featured"),
    mark("post.published"), mark("post.put_back"), mark("post.restored"), mark("post.returned"),
    mark("post.revision_restored"), mark("post.saved"), mark("post.scheduled"), mark("post.shown_to"),
    mark("post.submitted"), mark("post.tagged"), mark("post.transferred"), mark("post.trashed"),
    mark("post.unfeatured"), mark("post.untagged"), mark("post.withdrawn"), mark("redirect.changed"),
    mark("redirect.created"), mark("redirect.deleted"), mark("redirect.imported"), mark("registration.deleted"),
    mark("share.created"), mark("share.revoked"), mark("site.changed"), mark("site.imported"), mark("site.mail_tried"),
    mark("tag.changed"), mark("tag.deleted"), mark("tag.merged"), mark("transfer.begun"), mark("transfer.cancelled"),
    mark("transfer.done"), mark("transfer.failed"), mark("transfer.fetched"), mark("user.added"), mark("user.app_removed"),
    mark("user.app_set_up"), mark("user.deleted"), mark("user.email_asked"), mark("user.email_changed"),
    mark("user.passkey_added"), mark("user.passkey_removed"), mark("user.passkey_renamed"),
    mark("user.password_changed"), mark("user.profile_changed"), mark("user.reactivated"),
    mark("user.recovery_codes_made"), mark("user.reset_asked"), mark("user.reset_made"), mark("user.role_changed"),
    mark("user.second_factor_reset"), mark("user.second_step_failed"), mark("user.session_ended"),
    mark("user.sessions_ended"), mark("user.sign_in_failed"), mark("user.signed_in"), mark("user.signed_out"),
    mark("user.suspended"),
)  # fmt: skip
"""What events are called in the database; the catalogs give each its words."""
SUBJECTS = (
    mark("approval"), mark("comment"), mark("invitation"), mark("mail"), mark("media"), mark("post"),
    mark("redirect"), mark("registration"), mark("share"), mark("site"), mark("tag"), mark("transfer"), mark("user"),
)  # fmt: skip
BACKUP = mark("backup")
"""What is done to a backup is an event of the site, but has a group of its own among the actions."""
DETAILS = (
    mark("after"), mark("at"), mark("before"), mark("by_import"), mark("count"), mark("files"), mark("name"), mark("posts"),
    mark("proof"), mark("revision"), mark("role"), mark("rows"), mark("settings"), mark("title"), mark("until"),
)  # fmt: skip

SETTINGS = (
    mark("accent"), mark("description"), mark("footer"), mark("icon"), mark("language"), mark("logo"), mark("navigation"),
    mark("new_visibility"), mark("posts_per_page"), mark("registration"), mark("second_factor_roles"), mark("tagline"),
    mark("timezone"), mark("title"),
)  # fmt: skip
"""What a site is set to, as its events name it."""
PROOFS = (mark("code"), mark("passkey"), mark("password"), mark("recovery code"))
"""What somebody signed in with."""


class Overview(Controller):
    path = "/admin"
    opt = serves(policy.Action.ADMINISTER)

    @get("/permissions", name="admin.permissions")
    async def permissions(self, request: Asked) -> Response[Any]:
        """Show the role table."""
        columns: list[Role | None] = [None, *Role]
        rows = [(gettext(action), [role in allowed for role in columns]) for action, allowed in policy.ALLOWED.items()]
        names = [gettext(role or ANONYMOUS) for role in columns]
        return page(request, "admin/permissions.html", columns=names, rows=rows)
