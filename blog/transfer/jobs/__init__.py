"""Imports and exports as jobs, beside the requests: see `running.py`."""
