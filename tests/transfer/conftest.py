"""The old site of each test."""

from pathlib import Path

import pytest
from transfer.old_site import OldSite
from transfer.old_wordpress import OldWordPress


@pytest.fixture
def old_site(tmp_path: Path) -> OldSite:
    (tmp_path / "old").mkdir()
    return OldSite(tmp_path / "old", tmp_path / "media")


@pytest.fixture
def old_wordpress(tmp_path: Path) -> OldWordPress:
    return OldWordPress(tmp_path)
