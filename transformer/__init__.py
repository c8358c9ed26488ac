"""Turns third-party webhooks into profile and catalog updates with your own JavaScript."""
