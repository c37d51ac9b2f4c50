"""The look-up of known vulnerabilities: it must not say that all is well of what it has not seen."""

import importlib.util
from types import ModuleType

import pytest

from blog.settings import ROOT


@pytest.fixture(scope="module")
def advisories() -> ModuleType:
    spec = importlib.util.spec_from_file_location("advisories", ROOT / "docs" / "advisories.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_is_well_only_when_every_package_was_audited(advisories: ModuleType) -> None:
    fine = [{"name": "Jinja2", "version": "3.1.6", "vulns": []}, {"name": "ruamel.yaml", "version": "1", "vulns": []}]
    skipped = [{"name": "click", "skip_reason": "Dependency not found on PyPI and could not be audited"}]
    assert advisories.judge({"jinja2", "ruamel-yaml"}, fine) == []
    for wanted, found, said in (
        (
            {"jinja2", "ruamel-yaml", "click"},
            fine + skipped,
            "2 of 3 packages were audited; the index told nothing of click.",
        ),
        ({"click"}, skipped, "0 of 1 packages were audited"),
        ({"jinja2"}, [], "0 of 1 packages were audited"),
    ):
        (problem,) = advisories.judge(wanted, found)
        assert problem.startswith(said)


def test_a_package_with_a_known_flaw_is_named_with_its_cure(advisories: ModuleType) -> None:
    flaw = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"], "aliases": [], "description": "bad"}
    found = [{"name": "click", "version": "1.9", "vulns": [flaw]}]
    assert advisories.judge({"click"}, found) == ["click 1.9: PYSEC-2026-1, mended in 2.0"]


def test_the_lock_file_names_what_is_installed_here_and_nothing_else(advisories: ModuleType) -> None:
    text = (ROOT / "requirements" / "test.txt").read_text()
    names = advisories.locked(text)
    assert {"litestar", "jinja2", "pytest", "sqlalchemy"} <= names
    assert len(names) > 80
    elsewhere = 'here==1.0 \\\n    --hash=sha256:0\nelsewhere==1.0 ; sys_platform == "plan9" \\\n    # via here\n'
    assert advisories.locked(elsewhere) == {"here"}
