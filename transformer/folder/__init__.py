"""Transformation folders: a transformation as files, with cases that say what it should give."""

from transformer.folder.expectation import Expected, compare, expected_of
from transformer.folder.reader import (
    Case,
    CatalogField,
    FolderCatalog,
    FolderLimits,
    TransformationFolder,
    find_folders,
    read_folder,
)

__all__ = [
    "Case",
    "CatalogField",
    "Expected",
    "FolderCatalog",
    "FolderLimits",
    "TransformationFolder",
    "compare",
    "expected_of",
    "find_folders",
    "read_folder",
]
