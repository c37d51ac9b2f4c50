"""Looks every locked package up among the known vulnerabilities, and fails when one has some or could not be looked up.

Run it with `make advisories`; it needs a package index that knows vulnerabilities, as the Python Package Index does. Where one does not,
pip-audit says "no known vulnerabilities" of packages that it has not audited; so here they are counted.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKED = HERE.parent / "requirements" / "test.txt"
"""Everything that is installed anywhere: what the tests need, and what the blog itself needs with it."""
TOOL = HERE.parent / ".venv" / "advisories"
PIP_AUDIT = "pip-audit==2.10.1"
MOST_NAMED = 5


def main() -> None:
    install()
    done = subprocess.run(
        [TOOL / "bin" / "pip-audit", "--disable-pip", "--require-hashes", "-r", LOCKED, "--format", "json",
         "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if not done.stdout.strip():
        sys.exit(f"Nothing was audited: {done.stderr.strip() or 'pip-audit said nothing'}")
    problems = judge(locked(LOCKED.read_text()), json.loads(done.stdout)["dependencies"])
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(locked(LOCKED.read_text()))} packages were audited; nothing is known against them.")


def install() -> None:
    """Fetch pip-audit once, apart from what the blog needs."""
    if not (TOOL / "bin" / "pip-audit").exists():
        subprocess.run([sys.executable, "-m", "venv", TOOL], check=True)
        subprocess.run([TOOL / "bin" / "python", "-m", "pip", "install", "--quiet", PIP_AUDIT], check=True)


def locked(text: str) -> set[str]:
    """Name the packages of a lock file that are installed here; the others are for other systems."""
    from packaging.requirements import Requirement

    found = (Requirement(line.rstrip(" \\")) for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line))
    return {name_of(one.name) for one in found if one.marker is None or one.marker.evaluate()}


def judge(wanted: set[str], dependencies: list[dict[str, Any]]) -> list[str]:
    """Say in sentences what is wrong; nothing when every package was audited and none is vulnerable."""
    audited = {name_of(one["name"]): one for one in dependencies if "skip_reason" not in one}
    problems = [
        f"{one['name']} {one['version']}: {flaw['id']}"
        + (f", mended in {', '.join(flaw['fix_versions'])}" if flaw.get("fix_versions") else "")
        for one in audited.values()
        for flaw in one["vulns"]
    ]
    if missing := sorted(wanted - audited.keys()):
        named = ", ".join(missing[:MOST_NAMED]) + (" and more" if len(missing) > MOST_NAMED else "")
        problems.append(
            f"{len(audited)} of {len(wanted)} packages were audited; the index told nothing of {named}. "
            "Run this where the Python Package Index can be reached."
        )
    return problems


def name_of(written: str) -> str:
    """Give the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", written).lower()


if __name__ == "__main__":
    main()
