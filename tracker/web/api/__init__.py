"""The API: what the pages show, as JSON for programs. It only reads.

`asked` says what can be asked, `answers` what is answered, `schemas` what that looks
like, `problems` what goes wrong, `cursors` how a list goes on. `routes` brings them
together, `mounted` makes the application of it, `document` describes it as OpenAPI.
"""

PREFIX = "/api/v1"
"""Where it is."""
