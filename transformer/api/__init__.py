"""The console API: JSON over HTTP for people and programs that manage transformations."""
