"""Runs batches of strangers' JavaScript in V8, behind a process wall."""
