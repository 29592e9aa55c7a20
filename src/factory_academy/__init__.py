"""An AI training environment on JupyterHub and nbgrader: sessions, grading, progress, credentials."""

__version__ = "0.1.0"
