"""Proof of identity: passwords, secrets and limits. No HTTP and no database."""
