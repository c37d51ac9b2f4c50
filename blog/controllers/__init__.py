"""Load, check, call one verb, commit, answer."""
