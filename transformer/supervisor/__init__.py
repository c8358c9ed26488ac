"""Everything on one machine: the embedded Valkey and our own processes, kept alive together.

One :class:`Instance` owns one data folder (``lock.py``), starts what is missing (``valkey.py``,
``children.py``), restarts what dies, and takes everything down with it, even when it is itself
killed (``tether.py``). What each process does stands in ``transformer.processes``.
"""

from transformer.supervisor.instance import Instance

__all__ = ["Instance"]
