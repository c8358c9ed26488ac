"""Runs batches of strangers' JavaScript in V8, behind a process wall.

The library knows nothing of webhooks. A :class:`SandboxPool` keeps one child process per owner and
runs calls of a :class:`Program` in it; how a call ended is a value of the closed union ``Result``.
README.md says what is guarded against and what is not.
"""

from sandbox.declarations import read_declarations
from sandbox.errors import GuestUnavailable, IsolationMissing, SandboxError
from sandbox.layers import Layer, LayerState
from sandbox.limits import Limits
from sandbox.pool import SandboxPool
from sandbox.program import Call, Program
from sandbox.result import (
    ConsoleText,
    Died,
    Misfit,
    MisfitKind,
    NotJson,
    OutOfMemory,
    OutputTooLarge,
    Result,
    Returned,
    SyntaxInvalid,
    Threw,
    TimedOut,
)
from sandbox.watch import Cause, Watch

__all__ = [
    "Call",
    "Cause",
    "ConsoleText",
    "Died",
    "GuestUnavailable",
    "IsolationMissing",
    "Layer",
    "LayerState",
    "Limits",
    "Misfit",
    "MisfitKind",
    "NotJson",
    "OutOfMemory",
    "OutputTooLarge",
    "Program",
    "Result",
    "Returned",
    "SandboxError",
    "SandboxPool",
    "SyntaxInvalid",
    "Threw",
    "TimedOut",
    "Watch",
    "read_declarations",
]
