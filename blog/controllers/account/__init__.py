"""You: set-up, signing in and out, profile, password, sign-ins."""
