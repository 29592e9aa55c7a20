"""What must be in place before the parts start: folders, secrets, records, courses, first accounts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from factory_academy.bootstrap import Academy
from factory_academy.curriculum.catalogue import read_catalogue
from factory_academy.curriculum.factories import read_factories
from factory_academy.domain.person import Person, Role
from factory_academy.errors import InfrastructureFault
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A first account with the password that is shown once and kept nowhere."""

    name: str
    password: str
    role: Role


DEMO_PEOPLE = (
    ("ada", "Ada Example", Role.TRAINEE),
    ("ines", "Ines Example", Role.INSTRUCTOR),
    ("marco", "Marco Example", Role.FACTORY_MANAGER),
    ("otto", "Otto Example", Role.OPERATOR),
)


def make_folders(settings: Settings) -> None:
    """The home and its parts, open to their owner only.

    Raises:
        InfrastructureFault: they cannot be made; the message names the folder and the reason.
    """
    for folder in (settings.home, settings.blobs, settings.homes, settings.keys, settings.logs, settings.run):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            step = "Free some space, or set ACADEMY_HOME to a folder that you may write to."
            raise InfrastructureFault(f"The folder {folder} cannot be made: {error.strerror}.", step) from error


def prepare_records(academy: Academy) -> tuple[str, ...]:
    """Records at their newest form, with factories and courses loaded; gives what was released anew."""
    migrate(academy.settings.records_url)
    courses = academy.settings.courses
    academy.load_catalogue.factories(read_factories(courses / "factories.toml"))
    released: list[str] = []
    for course, bundles in read_catalogue(courses):
        released.extend(academy.load_catalogue.course(course, bundles))
    return tuple(released)


def first_accounts(academy: Academy) -> tuple[DemoAccount, ...]:
    """Four demo accounts with random passwords, if there is nobody yet; else nothing."""
    factory = academy.settings.default_factory
    accounts = tuple(DemoAccount(name, secrets.token_urlsafe(12), role) for name, _, role in DEMO_PEOPLE)
    hashes = [academy.passwords.hash(account.password) for account in accounts]
    with academy.records.transaction() as repositories:
        if not repositories.people.is_empty():
            return ()
        for (name, full_name, role), password_hash in zip(DEMO_PEOPLE, hashes, strict=True):
            repositories.people.add(Person(name, full_name, role, factory), password_hash)
        repositories.factories.add_to_cohort(f"{factory}-1", "ada")
        sections = [s.id for s in repositories.courses.sections() if s.factory_id == factory]
    for section_id in sections:
        academy.enrol("ada", section_id)
    return accounts
