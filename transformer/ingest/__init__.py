"""The door: a webhook comes in, and is answered 201 once Redis holds it."""
