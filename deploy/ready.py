"""Exit status 0 where the API of this container, on the port given, says that it can work."""

import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{int(sys.argv[1])}/readyz", timeout=4) as answer:
        sys.exit(answer.status != 200)
except OSError:
    sys.exit(1)
