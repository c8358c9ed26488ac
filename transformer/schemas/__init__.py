"""JSON Schemas: the one source of the shapes that transformations return."""
