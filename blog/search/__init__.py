"""Full-text search: one interface, an engine for each database."""

from blog.search.document import Document
from blog.search.due import note_due, take_in_due
from blog.search.finding import Found, Held, headed, held, results
from blog.search.indexing import Words, catch_up, clear, document_of, fill, take_in, take_in_all
from blog.search.terms import LONGEST_QUERY, MOST_RANKED, parse

__all__ = [
    "LONGEST_QUERY", "MOST_RANKED", "Document", "Found", "Held", "Words", "catch_up", "clear", "document_of", "fill",
    "headed", "held", "note_due", "parse", "results", "take_in", "take_in_all", "take_in_due",
]  # fmt: skip
