"""One decision about many candidates: a stored batch, each done for itself by the command that does it for one."""
