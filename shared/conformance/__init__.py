"""`make conformance`: the calls that a council's system must pass, made one after another against a running service.

It is a client like any other and knows the services by their HTTP alone. What it makes it names "conformance": drafts,
which it deletes, and one vacancy that is exempt from first refusal and never advertised, which it cancels.
"""
