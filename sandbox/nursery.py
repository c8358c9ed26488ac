"""Where guests come from: the zygote, started early, replaced if it ends, and asked for guests."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from sandbox.child import Child
from sandbox.errors import GuestUnavailable, IsolationMissing, ZygoteGone
from sandbox.layers import Layer
from sandbox.process import GuestProcess
from sandbox.zygote import Zygote, zygote_command

# The guest's own limits stop a call long before; this holds whatever the guest says of itself.
_MOST_RESIDENT_BYTES = 640 * 1_048_576


class Nursery:
    """Starts guest processes; safe to use from many threads.

    Args:
        heap_mb: most V8 heap that a call in one of them may have.
        required: the layers without which no guest is handed out.
        layers: the layers to put in force; fewer than all, to see that each holds alone.
    """

    def __init__(
        self,
        *,
        heap_mb: int,
        required: Collection[Layer] = (),
        layers: Collection[Layer] = frozenset(Layer),
    ) -> None:
        self._command = zygote_command(heap_mb=heap_mb, layers=layers)
        self._required = required
        self._closed = False
        self._zygote: Zygote | None = None
        # A process dies with the *thread* that started it (PR_SET_PDEATHSIG), so the zygote is
        # started by one that lives as long as this, never by a caller's.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-starter")
        # Loading V8 takes a fifth of a second; by the time somebody asks for a guest it may be over.
        self._starter.submit(self._running_zygote)

    def start(self) -> GuestProcess:
        """Start a guest and hear its hello.

        Raises:
            GuestUnavailable: none can be started.
            IsolationMissing: a layer that is required is not in force in it.
        """
        try:
            coming = self._starter.submit(self._fork)
        except RuntimeError as error:
            raise GuestUnavailable("The pool is closed.") from error
        guest = GuestProcess(coming.result(), most_resident_bytes=_MOST_RESIDENT_BYTES)
        missing = [
            f"{state.layer} ({state.detail})"
            for state in guest.layers
            if state.layer in self._required and not state.in_force
        ]
        missing += sorted(set(self._required) - {state.layer for state in guest.layers})
        if missing:
            guest.close()
            raise IsolationMissing(
                "No code runs, for a layer of the sandbox that is required is not in force here: "
                f"{', '.join(missing)}."
            )
        return guest

    def rest(self) -> None:
        """End the zygote, and with it every guest that is left; the next guest brings another."""
        if not self._closed:
            self._starter.submit(self._end_zygote)

    def close(self) -> None:
        """End the zygote, and with it every guest that is left."""
        if not self._closed:
            self._closed = True
            self._starter.submit(self._end_zygote)
            self._starter.shutdown()

    def _fork(self) -> Child:
        try:
            return self._running_zygote().fork()
        except ZygoteGone:
            # Somebody killed it, and with it every guest: another takes its place.
            self._end_zygote()
        try:
            return self._running_zygote().fork()
        except ZygoteGone as gone:
            raise GuestUnavailable(str(gone)) from gone

    def _running_zygote(self) -> Zygote:
        if self._zygote is None:
            self._zygote = Zygote(self._command)
        return self._zygote

    def _end_zygote(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
        self._zygote = None
