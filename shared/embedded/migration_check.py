"""Do the migrations of each service make exactly the tables that its models describe?

`python -m shared.embedded.migration_check` answers on a throwaway server, with every history run from empty.
"""

import os
import sys

from shared.embedded.folders import throwaway_folder
from shared.embedded.postgres import PostgresServer
from shared.embedded.problems import EmbeddedProblem
from shared.embedded.secrets_file import generate_secrets
from shared.embedded.setup_steps import check_migrations, migrate
from shared.provision import SERVICES, database_urls, provision


def main() -> int:
    secrets = generate_secrets()
    try:
        with throwaway_folder() as folder, PostgresServer(folder) as server:
            provision(server.url, secrets)
            environment = dict(os.environ) | secrets | database_urls(server.url, secrets)
            migrate(folder, environment)
            check_migrations(folder, environment)
    except EmbeddedProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"Models and migrations agree: {', '.join(SERVICES)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
