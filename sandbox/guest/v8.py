"""Isolates of V8 for a process whose memory is never both writable and executable.

mini-racer makes a callback for each of its contexts, and ctypes writes a callback's machine code
into a page that is writable and executable. Here all contexts share one callback, made while the
process may still do that; then the page loses its right to be written. That takes classes which
mini-racer does not promise to keep: its version is pinned.
"""

import asyncio
import ctypes
import itertools
import mmap
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from py_mini_racer import MiniRacer, init_mini_racer
from py_mini_racer._context import Context, ContextType
from py_mini_racer._dll import RawValueHandle, mr_callback_func
from py_mini_racer._objects import ObjectFactoryImpl, _MiniRacerTypes
from py_mini_racer._value_handle import RawValueHandleType, ValueHandle

from sandbox.guest.kernel import checked, libc

# mini-racer calls V8 directly only within a running event loop, and never waits on that: a bare one
# will do, which holds no files as a real one would.
_LOOP = asyncio.AbstractEventLoop()  # type: ignore[abstract]

_FLAGS = (
    "--single-threaded",
    "--jitless",
    "--disallow-code-generation-from-strings",
    # Else a private field can be put on a frozen intrinsic, and what it holds stays.
    "--js-nonextensible-applies-to-private",
)


class Engine:
    """V8, loaded once for the process; :meth:`open` gives isolates.

    Args:
        heap_mb: heap at which V8 aborts the process, far above any call's limit.
    """

    def __init__(self, *, heap_mb: int) -> None:
        self._library = init_mini_racer(flags=[*_FLAGS, f"--max-heap-size={heap_mb}"])
        # Another handle of a function that mini-racer calls with bytes: ours takes an address.
        self._make_text = self._library["mr_alloc_string_val"]
        self._make_text.argtypes = [
            ctypes.c_uint64,
            ctypes.c_void_p,
            ctypes.c_uint64,
            ctypes.c_uint8,
        ]
        self._make_text.restype = RawValueHandle
        # One isolate works at a time: whoever asked last is who the answer is for.
        self._asked: _Context | None = None

        def answer(callback_id: int, raw_val_handle: RawValueHandleType) -> None:
            if self._asked is not None:
                self._asked.handle_callback_from_v8(callback_id, raw_val_handle)

        self._answer = mr_callback_func(answer)
        _forbid_writing(self._answer)

    @property
    def version(self) -> str:
        """V8's version."""
        return str(self._library.mr_v8_version().decode())

    @property
    def has_cage(self) -> bool:
        """Whether V8 was built with its own memory cage (https://v8.dev/blog/sandbox)."""
        return bool(self._library.mr_v8_is_using_sandbox())

    def open(self) -> "OpenIsolate":
        """Make an isolate."""
        # A fork forgets which loop is running. The name is the one that loops are meant to use.
        asyncio._set_running_loop(_LOOP)  # noqa: SLF001
        handle = ContextType(self._library.mr_init_context(self._answer))
        context = _Context(
            self._library,
            handle,
            _LOOP,
            _Bytes(),
            itertools.count(1),
            _engine=self,
            _make_text=self._make_text,
        )
        return OpenIsolate(MiniRacer(context), context)


class _Bytes(ObjectFactoryImpl):
    """Gives V8's texts as the UTF-8 they come in: results only pass through this process."""

    def python_to_value_handle(self, ctx: Context, obj: Any) -> ValueHandle:
        if isinstance(obj, memoryview) and isinstance(ctx, _Context):
            return ctx.create_text(obj)
        return super().python_to_value_handle(ctx, obj)

    def value_handle_to_python(self, ctx: Context, val_handle: ValueHandle) -> Any:
        raw = cast("Any", val_handle.raw).contents
        if raw.type == _MiniRacerTypes.str_utf8:
            return raw.value.bytes_val[0 : raw.len]
        return super().value_handle_to_python(ctx, val_handle)


@dataclass(frozen=True, kw_only=True)
class _Context(Context):
    _engine: Engine
    _make_text: Callable[..., RawValueHandleType]

    def _run_uncancelable_mr_task(self, dll_method: Any, *args: Any) -> Any:
        self._engine._asked = self  # noqa: SLF001 - the two are one
        return super()._run_uncancelable_mr_task(dll_method, *args)

    def create_text(self, utf8: memoryview) -> ValueHandle:
        address = ctypes.addressof(ctypes.c_char.from_buffer(utf8)) if utf8 else 0
        kind = _MiniRacerTypes.str_utf8
        return self._wrap_raw_handle(self._make_text(self._ctx, address, len(utf8), kind))

    def free(self) -> None:
        self._dll.mr_free_context(self._ctx)


@dataclass(frozen=True, slots=True)
class OpenIsolate:
    """An isolate of V8; must be closed."""

    v8: MiniRacer
    _context: _Context

    def close(self) -> None:
        """Free the isolate."""
        self.v8.close()
        self._context.free()


def _forbid_writing(callback: Any) -> None:
    if sys.platform != "linux":
        return
    address = ctypes.cast(callback, ctypes.c_void_p).value or 0
    page = address - address % mmap.PAGESIZE
    executable = mmap.PROT_READ | mmap.PROT_EXEC
    words = (ctypes.c_void_p(page), ctypes.c_size_t(mmap.PAGESIZE), executable)
    checked(libc().mprotect(*words), "mprotect")
