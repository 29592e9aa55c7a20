"""Settings → the hub's configuration. The hub stays thin: sign-in, sessions, and the way to the portal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import factory_academy
from factory_academy.bootstrap import Academy, open_academy
from factory_academy.domain.session import SessionPlan, SessionState
from factory_academy.hub.authenticator import AcademyAuthenticator
from factory_academy.hub.choices import choices_page, chosen
from factory_academy.hub.reconcile import Reconciler, keep_reconciled
from factory_academy.hub.spawners.local import LocalSpawner, session_arguments
from factory_academy.hub.versions import check_versions
from factory_academy.records.secrets import secret
from factory_academy.settings import Settings

PORTAL = "/services/portal"
SESSION_SCOPES = [
    "users:activity!user",
    "access:servers!server",
    "read:users:name!user",
    "read:users:groups!user",
]
PORTAL_SCOPES = ["list:users", "read:users:name", "servers"]
_PACKAGE = Path(factory_academy.__file__).parent


def configure(c: Any, settings: Settings) -> Academy:
    """Fill in the hub's configuration; gives the academy that the hub serves.

    Raises:
        AcademyError: this machine or these settings cannot serve; the message says why and what to do.
    """
    check_versions()
    academy = open_academy(settings)
    academy.profiles.all()
    _addresses(c, settings)
    _state(c, settings)
    _sign_in(c, academy)
    _sessions(c, academy)
    _portal(c, settings)
    _pages(c)
    return academy


def watch_sessions(academy: Academy) -> None:
    """Compare records with the machine now and every minute, in the background."""
    keep_reconciled(Reconciler(academy.records, academy.session_host, academy.note_session, academy.clock))


def _addresses(c: Any, settings: Settings) -> None:
    c.JupyterHub.bind_url = f"http://{settings.host}:{settings.port}"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}"
    if settings.public_url:
        c.JupyterHub.public_url = settings.public_url
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_api_port}"
    c.ConfigurableHTTPProxy.auth_token = secret(settings.keys / "proxy.token")


def _state(c: Any, settings: Settings) -> None:
    """Sessions and routes outlive the hub; what it must remember lies in the academy's home."""
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    c.JupyterHub.db_url = f"sqlite:///{settings.home / 'hub.db'}"
    secret(settings.keys / "cookie_secret")
    c.JupyterHub.cookie_secret_file = str(settings.keys / "cookie_secret")


def _sign_in(c: Any, academy: Academy) -> None:
    # traitlets copies configuration deeply, and functions are the only thing that it leaves as they are.
    c.JupyterHub.authenticator_class = AcademyAuthenticator
    c.AcademyAuthenticator.sign_in = lambda name, password: academy.sign_in(name, password)
    c.Authenticator.allow_all = True


def _sessions(c: Any, academy: Academy) -> None:
    settings = academy.settings

    def plan_session(person_id: str, options: Mapping[str, object]) -> SessionPlan:
        return academy.open_session(person_id, options)

    def note_session(session_id: str, state: SessionState, reason: str) -> None:
        academy.note_session(session_id, state, reason)

    c.JupyterHub.spawner_class = LocalSpawner
    c.JupyterHub.concurrent_spawn_limit = 0
    c.LocalSpawner.plan_session = plan_session
    c.LocalSpawner.note_session = note_session
    c.LocalSpawner.host = academy.session_host
    c.Spawner.args = session_arguments()
    c.Spawner.default_url = "/lab"
    c.Spawner.environment = {
        "ACADEMY_PORTAL_URL": f"http://127.0.0.1:{settings.portal_port}{PORTAL}",
        "JUPYTER_CONFIG_PATH": str(_PACKAGE / "lab" / "config"),
        "PYTHONPATH": str(_PACKAGE / "lab" / "kernel"),
    }
    c.Spawner.server_token_scopes = SESSION_SCOPES
    c.Spawner.options_form = lambda _spawner: choices_page(academy)
    c.Spawner.options_from_form = chosen
    c.Spawner.apply_user_options = lambda _spawner, _options: None  # plan_session reads them, and checks them first
    c.Spawner.start_timeout = 300
    c.Spawner.http_timeout = 60
    c.Spawner.poll_interval = 10


def _portal(c: Any, settings: Settings) -> None:
    c.JupyterHub.default_url = f"{PORTAL}/"
    c.JupyterHub.services = [
        {
            "name": "portal",
            "url": f"http://127.0.0.1:{settings.portal_port}",
            "api_token": secret(settings.keys / "portal.token"),
            "oauth_client_id": "service-portal",
            "oauth_redirect_uri": f"{PORTAL}/oauth_callback",
            "oauth_no_confirm": True,
            "timeout": 1,
        }
    ]
    c.JupyterHub.load_roles = [
        {"name": "user", "scopes": ["self", "access:services!service=portal"]},
        {"name": "portal", "services": ["portal"], "scopes": PORTAL_SCOPES},
    ]


def _pages(c: Any) -> None:
    """The hub's few pages look like the portal's, and do so even while the portal is away."""
    c.JupyterHub.template_paths = [str(Path(__file__).with_name("templates"))]
    c.JupyterHub.template_vars = {
        "academy_css": (_PACKAGE / "portal" / "static" / "academy.css").read_text(encoding="utf-8"),
        "portal_url": f"{PORTAL}/",
    }
