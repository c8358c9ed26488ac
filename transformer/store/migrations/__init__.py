"""Numbered steps from an empty database to :mod:`transformer.store.tables`; forward only."""
