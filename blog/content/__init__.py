"""Text in, safe Markup out: pure functions."""
