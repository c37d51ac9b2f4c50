"""The posts that a new blog begins with: written for it, and read by the importer like anybody's."""

from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
