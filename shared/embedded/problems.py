"""What stops an embedded part from starting, said in one line that its user can act on."""


class EmbeddedProblem(Exception):
    """Its text is printed alone: what is wrong and what to do next, without a traceback."""


class ServerDied(EmbeddedProblem):
    """A server ended while it was being waited for; the text names its log."""


class PortTaken(EmbeddedProblem):
    """Another program listens where one of ours was promised."""
