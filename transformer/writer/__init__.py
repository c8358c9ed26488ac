"""Applies operations to profiles and catalogs, in one database transaction a batch."""
