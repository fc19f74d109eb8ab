"""The errors a person can do something about.

Anything else that is raised is a bug and may be shown as one, with its traceback. A
``CarrelError`` carries one sentence (or two) that says what happened and what to do next;
the command line prints it on one line, the window shows it as a notice.
"""


class CarrelError(Exception):
    """Something a person can understand and act on; ``str(error)`` is the sentence to show."""


class LibraryError(CarrelError):
    """The library file cannot be opened or used."""


class NotALibraryError(LibraryError):
    """The file is not a Carrel library, or it is damaged."""


class LibraryLockedError(LibraryError):
    """The library is encrypted and the passphrase is missing or wrong."""


class LibraryTooNewError(LibraryError):
    """A newer version of Carrel wrote this library; it was left untouched."""


class LibraryInUseError(LibraryError):
    """Another Carrel is writing to this library."""


class StorageError(LibraryError):
    """The disk is full, the file is read-only, or the device failed."""


class ModelError(CarrelError):
    """A model, adapter or embedder cannot be found, loaded or run."""


class ChildError(CarrelError):
    """A child process ended before it had answered."""


class ChildCrashedError(ChildError):
    """The child died: a crash in native code, or the operating system killed it."""


class ChildTimedOutError(ChildError):
    """The child gave no sign of life for as long as it was allowed and was killed."""


class ChildFailedError(ChildError):
    """The child reported an unexpected error of its own and goes on living."""


class CancelledError(CarrelError):
    """The work was stopped because the person asked for it."""


class OfflineError(CarrelError, OSError):
    """Something tried to reach the network. Carrel never does."""
