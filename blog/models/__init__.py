"""Columns, facts and verbs of each row. No SELECT, no request, no await."""

from blog.models.arrival import Arrival, Challenge
from blog.models.attempt import Attempt
from blog.models.base import Base
from blog.models.bulk import BulkChange, Deed
from blog.models.comment import Comment
from blog.models.count import PostCount
from blog.models.day import PostDay
from blog.models.event import Event, EventHead, EventOrigin
from blog.models.factor import Passkey, RecoveryCode, Totp
from blog.models.invitation import Invitation
from blog.models.kinds import Kind, Status, Visibility
from blog.models.login import Login
from blog.models.mail import Mail, MailStatus
from blog.models.media import Media, MediaKind
from blog.models.notice import News, Notice
from blog.models.post import CoAuthor, Post
from blog.models.presence import Presence
from blog.models.redirect import Redirect
from blog.models.registration import Registration
from blog.models.review import Review, Step
from blog.models.revision import Clash, Keeping, Revision
from blog.models.search import SearchDue, SearchText, SimilarPost
from blog.models.share import Approval, Share
from blog.models.site import Opening, Site
from blog.models.tag import Tag, TagAlias
from blog.models.token import Purpose, Token
from blog.models.transfer import Transfer, TransferKind, TransferState
from blog.models.user import Role, User, UserStatus
from blog.models.views import PostViews

__all__ = [
    "Approval", "Arrival", "Attempt", "Base", "BulkChange", "Challenge", "Clash", "CoAuthor", "Comment", "Deed",
    "Event", "EventHead", "EventOrigin", "Invitation", "Keeping", "Kind", "Login", "Mail", "MailStatus", "Media",
    "MediaKind", "News", "Notice", "Opening", "Passkey", "Post", "PostCount", "PostDay", "PostViews", "Presence", "Purpose",
    "RecoveryCode", "Redirect", "Registration", "Review", "Revision", "Role", "SearchDue", "SearchText", "Share",
    "SimilarPost", "Site", "Status", "Step", "Tag", "TagAlias", "Token", "Totp", "Transfer", "TransferKind",
    "TransferState", "User", "UserStatus", "Visibility",
]  # fmt: skip
