"""The whole public site as files, for any web host: see `site.py`."""
