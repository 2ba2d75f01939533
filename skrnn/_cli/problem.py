"""What stops a command, in the user's words."""


class Problem(Exception):
    """Its text is the one line that the user sees."""
