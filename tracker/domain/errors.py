"""The errors a user can meet; each message says what was wrong and what to do.

PricetrailError
├── UsageError           wrong words on the command line or in a file name (exit 2)
├── SourceError          a source could not be read at all (the others go on)
│   ├── UnreadableBody   bytes that are not the document they should be
│   └── NothingThere     a place that never held a body
└── StorageError         the database cannot be used (exit 3)
"""


class PricetrailError(Exception):
    """A fault that is told to the user in one line, without a traceback."""


class UsageError(PricetrailError):
    """What was asked for does not exist or does not fit together."""


class SourceError(PricetrailError):
    """A source could not be read; its silence proves nothing."""


class UnreadableBody(SourceError):
    """A body is not the document that its source publishes."""


class NothingThere(SourceError):
    """A place that never held a body: no fault, and no use in asking again."""


class StorageError(PricetrailError):
    """The database cannot be opened, or is not one of ours."""
