"""Content from elsewhere, and back out."""
