"""The site as a whole: people, roles, events."""
