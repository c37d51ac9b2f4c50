"""The old site of each test."""

from pathlib import Path

import pytest
from transfer.old_site import OldSite


@pytest.fixture
def old_site(tmp_path: Path) -> OldSite:
    (tmp_path / "old").mkdir()
    return OldSite(tmp_path / "old", tmp_path / "media")
