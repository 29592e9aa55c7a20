"""DOOR: inside JupyterHub: authenticator, spawners, configuration."""
