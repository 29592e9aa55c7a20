"""The one byte string a credential stands for: JSON-LD → canonical N-Quads, offline, and nothing left out.

A signature covers the RDF data that a document expands to, while people and programs read its JSON. JSON-LD drops
silently what its contexts do not define. So a document is canonicalized only if its JSON says exactly what its data
say: expanded and compacted again it must come out as it went in.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from threading import Lock
from typing import Any

from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver

from factory_academy.credentials.integrity.strict_json import Document, check_plain
from factory_academy.errors import BadCredential, InfrastructureFault

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

_PINNED = {
    CREDENTIALS_V2: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OPEN_BADGES: ("open-badges-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    _EXTENSIONS: ("open-badges-extensions.json", "146f85aa16effd7ca1da8056eb443f53ce1eca8a34186cb062832c0a97d889c3"),
}
_ALLOWED_CONTEXTS = ([CREDENTIALS_V2], [CREDENTIALS_V2, OPEN_BADGES], [CREDENTIALS_V2, OPEN_BADGES, _EXTENSIONS])
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*")
_NODE_KEYWORDS = {"@id", "@type"}
_VALUE_KEYWORDS = {"@value", "@type"}
_NUMBERS = {"integer", "decimal", "double", "float", "nonNegativeInteger", "positiveInteger"}
_ONE_NAME = {"AchievementCredential": "OpenBadgeCredential"}
_MAX_WORK = 2_000
_one_at_a_time = Lock()
_resolved: dict[str, Any] = {}

Contexts = Mapping[str, Document]


@cache
def vendored_contexts() -> Contexts:
    """The pinned contexts by address.

    Raises:
        InfrastructureFault: a file of the package was changed.
    """
    folder = resources.files("factory_academy.credentials.integrity") / "contexts"
    return {address: _pinned(folder.joinpath(name).read_bytes(), digest) for address, (name, digest) in _PINNED.items()}


def canonical(document: Document) -> str:
    """Canonical N-Quads of a document whose every statement they contain.

    Raises:
        BadCredential: the document says something that a signature over its data would not cover.
    """
    if document.get("@context") not in _ALLOWED_CONTEXTS:
        raise BadCredential(
            "Its @context is not one that is read here, so its words could mean anything.",
            f"Expected {CREDENTIALS_V2}, then {OPEN_BADGES}, and at most {_EXTENSIONS} after them.",
        )
    check_plain(document)
    with _one_at_a_time:
        try:
            return _canonical(document, vendored_contexts(), _resolved)
        except BadCredential:
            _resolved.clear()
            raise


def canonical_under(contexts: Contexts, document: Document) -> str:
    """As ``canonical``, with the contexts given and no opinion about which the document names."""
    with _one_at_a_time:
        return _canonical(document, contexts, {})


def _canonical(document: Document, contexts: Contexts, resolved: dict[str, Any]) -> str:
    """``resolved`` is the library's memory of contexts; after a failure it is not to be used again."""
    load = _loader(contexts)
    options = {"base": "", "documentLoader": load, "contextResolver": ContextResolver(resolved, load)}
    try:
        expanded = jsonld.expand(document, options)
        _check_expanded(expanded)
        _check_same(document, jsonld.compact(expanded, {"@context": document["@context"]}, options))
        return str(_BoundedCanonicalizer().main(jsonld.to_rdf(expanded, options), {"format": "application/n-quads"}))
    except (jsonld.JsonLdError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadCredential(f"It is not valid JSON-LD: {str(error)[:160]}") from error


def _pinned(data: bytes, digest: str) -> Document:
    if hashlib.sha256(data).hexdigest() != digest:
        raise InfrastructureFault("A JSON-LD context of this installation was changed.", "Install the package again.")
    return dict(json.loads(data))


def _loader(contexts: Contexts) -> Any:
    def load(address: str, _options: object) -> Document:
        if address not in contexts:
            raise ValueError(f"the context {address} is not kept here, and nothing is fetched")
        return {"contextUrl": None, "documentUrl": address, "document": contexts[address], "tag": "static"}

    return load


class _BoundedCanonicalizer(URDNA2015):  # type: ignore[misc]
    """RDFC-1.0, which takes factorial time on nodes it cannot tell apart: here such a document is refused."""

    def __init__(self) -> None:
        super().__init__()
        self._work = 0

    def create_hash_to_related(self, id_: str, issuer: object) -> dict[str, list[str]]:
        """As in the library; counts the permutations it is about to try."""
        related: dict[str, list[str]] = super().create_hash_to_related(id_, issuer)
        self._work += 1 + sum(math.factorial(min(len(nodes), 10)) for nodes in related.values())
        if self._work > _MAX_WORK:
            raise BadCredential("It holds many parts that cannot be told apart, which would take too long to check.")
        return related


def _check_expanded(expanded: list[Document]) -> None:
    """Refuse what would vanish on the way to RDF, and a thing described in two places."""
    if len(expanded) != 1:
        raise BadCredential("It holds no statement, or more than one thing at its top.")
    described: set[str] = set()
    _check_node(expanded[0], described)


def _check_node(node: Document, described: set[str]) -> None:
    identity = node.get("@id")
    if identity is not None and len(node) > 1:
        if identity in described:
            raise BadCredential(f"It describes {identity[:120]} in two places.")
        described.add(identity)
    for name, value in node.items():
        if name.startswith("@"):
            _check_keyword(name, value)
            continue
        _check_iri(name)
        _check_distinct(name, value)
        for item in value:
            _check_item(item, described)


def _check_item(item: Document, described: set[str]) -> None:
    if "@value" not in item:
        _check_node(item, described)
        return
    if not item.keys() <= _VALUE_KEYWORDS:
        raise BadCredential("It holds a text with a language or direction of its own, which is not read here.")
    if "@type" in item and item["@type"] != "@json":
        _check_iri(item["@type"])
        _check_spelling(item["@value"], item["@type"].rpartition("XMLSchema#")[2])


def _check_spelling(value: Any, kind: str) -> None:
    """Refuse "true" for true and "1" for 1: the data are the same, what a program reads is not."""
    spelled = "boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"
    if spelled != ("boolean" if kind == "boolean" else "number" if kind in _NUMBERS else "text"):
        raise BadCredential(f"It holds a {spelled} where a {kind[:80]} is expected.")


def _check_keyword(name: str, value: Any) -> None:
    if name not in _NODE_KEYWORDS:
        raise BadCredential(f"It uses {name}, which is not read here.")
    if name == "@type":
        _check_distinct(name, value)
    for iri in [value] if name == "@id" else value:
        _check_iri(iri)


def _check_iri(iri: str) -> None:
    if not _ABSOLUTE_IRI.fullmatch(iri):
        raise BadCredential(f"{iri[:120]!r} is neither a known term nor an absolute address, so nothing signs it.")


def _check_distinct(name: str, values: list[Any]) -> None:
    seen = [json.dumps(_whole(value), sort_keys=True) for value in values]
    if len(set(seen)) < len(seen):
        raise BadCredential(f"It says the same twice in {name[:120]}; a signature covers it once.")


def _whole(value: Any) -> Any:
    """1.0 as 1: they are the same RDF number."""
    if isinstance(value, dict) and isinstance(value.get("@value"), float) and value["@value"].is_integer():
        return value | {"@value": int(value["@value"])}
    return value


def _check_same(document: Document, compacted: Document) -> None:
    """Refuse a document that does not survive expansion and compaction."""
    place = _difference(document, compacted, "")
    if place is not None:
        raise BadCredential(f"What stands at {place or '/'} is not covered by any signature over this document.")


def _difference(left: Any, right: Any, path: str) -> str | None:
    left, right = _simplest(left), _simplest(right)
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            if name not in left or name not in right:
                return f"{path}/{name}"
            same_type = name == "type" and _are_same_types(left[name], right[name])
            inner = None if same_type else _difference(left[name], right[name], f"{path}/{name}")
            if inner is not None:
                return inner
        return None
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        return next((d for i, (a, b) in pairs if (d := _difference(a, b, f"{path}/{i}")) is not None), None)
    return None if type(left) is type(right) and left == right else path


def _simplest(value: Any) -> Any:
    """A list of one as its entry, a bare reference as its address: JSON-LD tells neither apart."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and value.keys() == {"id"}:
        return value["id"]
    return value


def _are_same_types(left: Any, right: Any) -> bool:
    """Whether two lists of types differ at most in which of its two names an Open Badge goes by."""
    lefts, rights = (value if isinstance(value, list) else [value] for value in (left, right))
    return [_ONE_NAME.get(str(name), name) for name in lefts] == [_ONE_NAME.get(str(name), name) for name in rights]
