"""What a check has to say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """What is so with one thing. Sentences are marked for the catalogs; `values` fills them in both languages alike."""

    name: str
    words: str
    mend: str = ""
    """How to mend it; empty when all is well."""
    values: Mapping[str, object] = field(default_factory=dict)
    hint: str = ""
    """What would be wise, though nothing is wrong."""

    @property
    def is_well(self) -> bool:
        return not self.mend

    def say(self, translate: Callable[[str], str] = str) -> str:
        """Say in one line what is so, how to mend it, and what would be wise."""
        sentences = [translate(sentence) % self.values for sentence in (self.words, self.mend, self.hint) if sentence]
        return " ".join(" ".join(sentences).split())
