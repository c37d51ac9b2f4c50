"""What anyone may open; nothing here sets a cookie."""
