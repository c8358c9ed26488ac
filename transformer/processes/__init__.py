"""Puts the parts together, one file a process; nothing else makes them.

Each process is a function that blocks until SIGTERM or SIGINT, and then ends what it has begun. A
file imports what its process needs and no more: five processes start at once on a small machine.
"""
