"""The gym's one error: a message of one line for the user."""


class GymError(Exception):
    """Something the user can put right; the command prints the message and exits with 2."""
