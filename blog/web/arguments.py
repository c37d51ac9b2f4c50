"""The types of what handlers ask for: given by dependencies, or taken from the path."""

from datetime import datetime

from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Post, User

Db = NamedDependency[AsyncSession]
Viewer = NamedDependency[User]
Visitor = NamedDependency[User | None]
Now = NamedDependency[datetime]
LoadedPost = NamedDependency[Post]
PathText = FromPath[str]
PathId = FromPath[int]
