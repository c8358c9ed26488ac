"""Transforms batches of events: drain, run in the sandbox, check, settle."""
