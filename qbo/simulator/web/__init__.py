"""The simulator over HTTP: the gateway, OAuth, the API, webhooks, the switchboard."""
