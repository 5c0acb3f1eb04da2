"""The whole system on one machine, nothing installed: PostgreSQL, Redis and a mail catcher beside the services.

The server programs come from wheels, but are started by the few lines here: the wheels' own start-up code, run as root,
opens the permissions of every parent folder and adds a system user.
"""
