"""What can become of an attempt to deliver, by what is to be done about it.

DeliveryError
├── Refused      for good: the same letter will be refused again
├── Postponed    for now: this letter is to be tried later
└── Unreachable  for now, whichever letter: the server is down, or refuses us
"""


class DeliveryError(Exception):
    """A letter that was not taken over; the message says why."""


class Refused(DeliveryError):
    """Refused for good (SMTP 5xx): trying again is no use."""


class Postponed(DeliveryError):
    """Not now (SMTP 4xx, a broken connection): to be tried again."""


class Unreachable(DeliveryError):
    """Nobody to give any letter to: no server, no encryption, a wrong password."""
