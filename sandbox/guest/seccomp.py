"""seccomp: the few system calls that running JavaScript takes; any other ends the process.

A filter in classic BPF, evaluated by the kernel at each call of each thread. Four answers:

- *allowed*: memory, threads, clocks, signals of one's own, reading and writing what is open;
- *allowed on conditions* on arguments that are numbers (a filter cannot follow pointers):
  no mapping is ever executable, a clone is a thread, signals go to this process alone;
- *refused with an error*: what the C library and V8 try and can do without, opening files before all;
- everything else, and every other architecture's numbering: the kernel kills the process.

Kernel's documentation: Documentation/userspace-api/seccomp_filter.rst.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass, field

from sandbox.guest.kernel import prctl

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2

_RET_KILL_PROCESS = 0x8000_0000
_RET_ERRNO = 0x0005_0000
_RET_ALLOW = 0x7FFF_0000

# Offsets in struct seccomp_data; arguments are 64 bits wide, low half first on these machines.
_NUMBER = 0
_ARCHITECTURE = 4
_ARGUMENTS = 16

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_IF_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_IF_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_IF_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_MOST_INSTRUCTIONS = 4_096

_PROT_EXEC = 4
# What pthread_create asks for: everything shared, and the rest is where to keep its identifiers.
_THREAD_FLAGS = 0x003D_0F00
_PR_SET_NAME = 15
_PR_SET_VMA = 0x5356_4D41
_F_GETFD = 1
_F_GETFL = 3


@dataclass(frozen=True, slots=True)
class Machine:
    """How an architecture numbers the calls; a call that it does not have is not in its table."""

    audit_name: int
    numbers: dict[str, int]


# The generic table (aarch64) is that of include/uapi/asm-generic/unistd.h.
MACHINES = {
    "x86_64": Machine(
        0xC000_003E,
        {
            "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6,
            "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
            "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "ioctl": 16,
            "pread64": 17, "readv": 19, "writev": 20, "access": 21, "sched_yield": 24, "mremap": 25,
            "mincore": 27, "madvise": 28, "nanosleep": 35, "getpid": 39, "clone": 56, "exit": 60,
            "uname": 63, "fcntl": 72, "readlink": 89, "gettimeofday": 96, "getrlimit": 97,
            "getrusage": 98, "sysinfo": 99, "sigaltstack": 131, "statfs": 137,
            "sched_getparam": 143, "sched_getscheduler": 145, "prctl": 157,
            "gettid": 186, "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219,
            "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
            "exit_group": 231, "tgkill": 234, "openat": 257, "newfstatat": 262,
            "readlinkat": 267, "faccessat": 269, "set_robust_list": 273, "prlimit64": 302,
            "getcpu": 309, "getrandom": 318, "membarrier": 324, "pkey_mprotect": 329,
            "statx": 332, "rseq": 334, "clone3": 435, "openat2": 437, "faccessat2": 439,
            "futex_waitv": 449,
        },
    ),
    "aarch64": Machine(
        0xC000_00B7,
        {
            "fcntl": 25, "ioctl": 29, "statfs": 43, "faccessat": 48, "openat": 56, "close": 57,
            "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "ppoll": 73,
            "readlinkat": 78, "newfstatat": 79, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98,
            "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114,
            "clock_nanosleep": 115, "sched_getscheduler": 120, "sched_getparam": 121,
            "sched_getaffinity": 123, "sched_yield": 124,
            "restart_syscall": 128, "tgkill": 131, "sigaltstack": 132, "rt_sigaction": 134,
            "rt_sigprocmask": 135, "rt_sigreturn": 139, "uname": 160, "getrusage": 165,
            "prctl": 167, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "gettid": 178,
            "sysinfo": 179, "brk": 214, "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222,
            "mprotect": 226, "mincore": 232, "madvise": 233, "prlimit64": 261, "getrandom": 278,
            "membarrier": 283, "pkey_mprotect": 288, "statx": 291, "rseq": 293, "clone3": 435,
            "openat2": 437, "faccessat2": 439, "futex_waitv": 449,
        },
    ),
}  # fmt: skip

_ALLOWED = frozenset(
    [
        "read",
        "readv",
        "poll",
        "ppoll",
        "write",
        "writev",
        "pread64",
        "lseek",
        "close",
        "munmap",
        "mremap",
        "mincore",
        "madvise",
        "brk",
        "futex",
        "set_robust_list",
        "rseq",
        "membarrier",
        "sched_yield",
        "sched_getaffinity",
        # V8's mutexes ask for their thread's priority, but only when two threads meet at one.
        "sched_getparam",
        "sched_getscheduler",
        "getcpu",
        "rt_sigaction",
        "rt_sigprocmask",
        "rt_sigreturn",
        "sigaltstack",
        "restart_syscall",
        "nanosleep",
        "clock_nanosleep",
        "clock_gettime",
        "clock_getres",
        "gettimeofday",
        "getpid",
        "gettid",
        "getrandom",
        "getrusage",
        "getrlimit",
        "sysinfo",
        "fstat",
        "exit",
        "exit_group",
    ]
)

# Tried by libraries that go on without: an error does, and is told apart from an attack.
_REFUSED = {
    **dict.fromkeys(
        [
            "open",
            "openat",
            "openat2",
            "stat",
            "lstat",
            "newfstatat",
            "statx",
            "statfs",
            "access",
            "faccessat",
            "faccessat2",
            "readlink",
            "readlinkat",
        ],
        errno.EACCES,
    ),
    "ioctl": errno.ENOTTY,
    # Its flags lie behind a pointer; told that there is no such call, the C library takes clone.
    "clone3": errno.ENOSYS,
    "futex_waitv": errno.ENOSYS,
    "uname": errno.EPERM,  # it tells the name of the host
}


@dataclass(frozen=True, slots=True)
class _Argument:
    """Looks at one argument of a call: it must be one of ``values``, or have no bit of ``without``."""

    index: int
    values: tuple[int, ...] = ()
    without: int = 0
    otherwise: int = _RET_KILL_PROCESS


@dataclass(slots=True)
class _Program:
    instructions: list[bytes] = field(default_factory=list)

    def add(self, code: int, value: int, *, jump_true: int = 0, jump_false: int = 0) -> None:
        self.instructions.append(struct.pack("=HBBI", code, jump_true, jump_false, value))


def restrict() -> str:
    """Give up all other system calls, for this thread and all that it starts from now on.

    Needs ``no_new_privs``.

    Raises:
        OSError: the kernel has no seccomp filters, or this architecture's calls are not known here.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no list of system calls for {platform.machine()}")
    instructions = filter_of(machine.audit_name, machine.numbers, own_pid=os.getpid())
    code = ctypes.create_string_buffer(b"".join(instructions))
    # struct sock_fprog: a length of 16 bits, then, aligned, a pointer.
    head = struct.pack("=H6xQ", len(instructions), ctypes.addressof(code))
    program = ctypes.create_string_buffer(head)
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))
    return f"{len(_ALLOWED & machine.numbers.keys())} calls as they are, 9 on conditions"


def filter_of(audit_name: int, numbers: dict[str, int], *, own_pid: int) -> list[bytes]:
    """Write the filter; pure, so that it can be tested on any machine."""
    conditions = {
        "mmap": _Argument(2, without=_PROT_EXEC),
        "mprotect": _Argument(2, without=_PROT_EXEC),
        "pkey_mprotect": _Argument(2, without=_PROT_EXEC),
        "clone": _Argument(0, values=(_THREAD_FLAGS,)),
        "tgkill": _Argument(0, values=(own_pid,)),
        "prlimit64": _Argument(2, values=(0,)),
        "prctl": _Argument(0, values=(_PR_SET_NAME, _PR_SET_VMA), otherwise=_refusal(errno.EPERM)),
        "fcntl": _Argument(1, values=(_F_GETFD, _F_GETFL), otherwise=_refusal(errno.EPERM)),
    }
    program = _Program()
    program.add(_LOAD, _ARCHITECTURE)
    program.add(_IF_EQUAL, audit_name, jump_true=1)
    program.add(_RETURN, _RET_KILL_PROCESS)
    program.add(_LOAD, _NUMBER)
    # x86's other numbering (x32) starts here and would pass the architecture's check.
    program.add(_IF_AT_LEAST, 0x4000_0000, jump_false=1)
    program.add(_RETURN, _RET_KILL_PROCESS)
    for name, number in numbers.items():
        if name in conditions:
            _add_condition(program, number, conditions[name])
        else:
            answer = _RET_ALLOW if name in _ALLOWED else _refusal(_REFUSED[name])
            program.add(_IF_EQUAL, number, jump_false=1)
            program.add(_RETURN, answer)
    program.add(_RETURN, _RET_KILL_PROCESS)
    return program.instructions


def _add_condition(program: _Program, number: int, argument: _Argument) -> None:
    low = _ARGUMENTS + 8 * argument.index
    if argument.without:
        program.add(_IF_EQUAL, number, jump_false=4)
        program.add(_LOAD, low)
        program.add(_IF_ANY_BIT, argument.without, jump_true=1)
        program.add(_RETURN, _RET_ALLOW)
        program.add(_RETURN, argument.otherwise)
        return
    values = argument.values
    # Both halves are compared: the kernel looks at all 64 bits of some of these.
    program.add(_IF_EQUAL, number, jump_false=len(values) + 5)
    program.add(_LOAD, low + 4)
    program.add(_IF_EQUAL, 0, jump_false=len(values) + 1)
    program.add(_LOAD, low)
    for index, value in enumerate(values):
        program.add(_IF_EQUAL, value, jump_true=len(values) - index)
    program.add(_RETURN, argument.otherwise)
    program.add(_RETURN, _RET_ALLOW)


def _refusal(number: int) -> int:
    return _RET_ERRNO | number
