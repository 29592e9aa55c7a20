"""Whatever is done to a signed credential, it is not valid any more: tricks by name, then anything at random."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.support.badges import PORTAL

from factory_academy.credentials.issuer import BadgeIssuer
from factory_academy.credentials.verify import State, verify

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
VOCABULARY = "https://purl.imsglobal.org/spec/vc/ob/vocab.html"
CREDENTIALS = "https://www.w3.org/2018/credentials"
Trick = Callable[[dict[str, Any]], Any]
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


def state_of(issuer: BadgeIssuer, text: str | bytes) -> State:
    return verify(text, did_document=issuer.did_document(), status_list=issuer.status_list(frozenset()), now=NOW).state


def achievement(badge: dict[str, Any]) -> dict[str, Any]:
    return badge["credentialSubject"]["achievement"]


def proof(badge: dict[str, Any]) -> dict[str, Any]:
    return badge["proof"][0]


def move_description(badge: dict[str, Any], *, whole: bool) -> None:
    """Describe a result in the result, not in the achievement: the same RDF data."""
    described = achievement(badge)["resultDescription"]
    for number in range(len(described) if whole else 1):
        badge["credentialSubject"]["result"][number]["resultDescription"] = described[number]
        described[number] = {"id": described[number]["id"]}


TRICKS: dict[str, Trick] = {
    "a better result": lambda b: b["credentialSubject"]["result"][0].update(value="100"),
    "a later date": lambda b: b.update(validFrom="2026-03-02T11:00:01Z"),
    "the same date in another zone": lambda b: b.update(validFrom="2026-03-02T12:00:00+01:00"),
    "no status": lambda b: b.pop("credentialStatus"),
    "another status index": lambda b: b["credentialStatus"].update(statusListIndex="6"),
    "an unknown property": lambda b: b.update(distinction="summa cum laude"),
    "an unknown property deep inside": lambda b: achievement(b).update(distinction="summa cum laude"),
    "an unknown type": lambda b: b["type"].append("Diploma"),
    "a known type": lambda b: b["type"].append("EndorsementCredential"),
    "a type twice": lambda b: b["type"].append("OpenBadgeCredential"),
    "a type by its address": lambda b: b["type"].append(f"{CREDENTIALS}#VerifiableCredential"),
    "a property by its address": lambda b: b.update({"https://schema.org/description": "more"}),
    "a property moved to its address": lambda b: b.update(
        {f"{CREDENTIALS}#credentialStatus": b.pop("credentialStatus")}
    ),
    "an end by its address": lambda b: b.update({f"{CREDENTIALS}#validUntil": "2099-01-01T00:00:00Z"}),
    "an alias of a keyword": lambda b: b.update({"@id": b.pop("id")}),
    "a value object": lambda b: b.update(name={"@value": b["name"]}),
    "a language": lambda b: b.update(name={"@value": b["name"], "@language": "en"}),
    "a graph": lambda b: b.update({"@graph": [{"id": "urn:x", "name": "y"}]}),
    "an included node": lambda b: b.update({"@included": [{"id": "urn:x", "name": "y"}]}),
    "a reverse property": lambda b: b.update({"@reverse": {"issuer": "urn:x"}}),
    "an inline context": lambda b: b["@context"].append({"distinction": "https://example.org/d"}),
    "a context that maps everything": lambda b: b["@context"].append({"@vocab": "https://example.org/"}),
    "an unknown context": lambda b: b["@context"].append("https://example.org/context"),
    "a context less": lambda b: b.update({"@context": b["@context"][:1]}),
    "the contexts the other way round": lambda b: b["@context"].reverse(),
    "no context": lambda b: b.pop("@context"),
    "an empty context": lambda b: b.update({"@context": []}),
    "a context inside": lambda b: achievement(b).update({"@context": {"name": "https://example.org/n"}}),
    "a null context inside": lambda b: achievement(b).update({"@context": None}),
    "a null": lambda b: b.update(validUntil=None),
    "an empty list": lambda b: b.update(termsOfUse=[]),
    "an empty object": lambda b: b.update(termsOfUse={}),
    "a list in a list": lambda b: b.update(credentialStatus=[[b["credentialStatus"]]]),
    "a status list of two": lambda b: b.update(credentialStatus=[b["credentialStatus"], b["credentialStatus"]]),
    "the badge described again inside": lambda b: achievement(b).update(related=[{"id": b["id"], "name": "x"}]),
    "the status moved elsewhere": lambda b: (
        achievement(b).update(related=[b["credentialStatus"]]),
        b.update(credentialStatus={"id": b["credentialStatus"]["id"]}),
    ),
    "a description moved to where it is used": lambda b: move_description(b, whole=False),
    "all descriptions moved to where they are used": lambda b: move_description(b, whole=True),
    "a relative address": lambda b: achievement(b).update(image="picture.png"),
    "an address with a space": lambda b: achievement(b).update(image="https://example.org/a b"),
    "an address that breaks out": lambda b: achievement(b).update(image="urn:x> <urn:p> <urn:o> .\n<urn:y"),
    "a blank node's name": lambda b: achievement(b).update(image="_:b0"),
    "evidence twice": lambda b: b["evidence"].append(copy.deepcopy(b["evidence"][0])),
    "a skill more": lambda b: achievement(b)["alignment"].append(achievement(b)["alignment"][0] | {"targetName": "x"}),
    "a skill less": lambda b: achievement(b)["alignment"].pop(),
    "another issuer": lambda b: b["issuer"].update(id="did:web:elsewhere.example"),
    "another issuer's name": lambda b: b["issuer"].update(name="Elsewhere"),
    "an issuer as a bare address": lambda b: b.update(issuer=b["issuer"]["id"]),
    "a number for a text": lambda b: b["credentialSubject"]["result"][0].update(value=87.5),
    "a text for a truth": lambda b: b["credentialSubject"]["identifier"][0].update(hashed="true"),
    "another name's hash": lambda b: b["credentialSubject"]["identifier"][0].update(identityHash="sha256$" + "0" * 64),
    "a look-alike letter": lambda b: b.update(name=b["name"].replace("P", "Р")),
    "a decomposed letter": lambda b: b.update(name=b["name"].replace("i", "i\u0307")),
    "a space that nobody sees": lambda b: b.update(name=b["name"] + "\u200b"),
    "half a character": lambda b: b.update(name=b["name"] + "\ud83c"),
    "no proof": lambda b: b.pop("proof"),
    "an empty list of proofs": lambda b: b.update(proof=[]),
    "the proof twice": lambda b: b["proof"].append(proof(b)),
    "a second proof of another kind": lambda b: b["proof"].append({"type": "Ed25519Signature2020"}),
    "a second, broken proof first": lambda b: b["proof"].insert(0, proof(b) | {"proofValue": "z" + "1" * 64}),
    "another purpose": lambda b: proof(b).update(proofPurpose="authentication"),
    "another suite": lambda b: proof(b).update(cryptosuite="eddsa-jcs-2022"),
    "another kind of proof": lambda b: proof(b).update(type="Ed25519Signature2020"),
    "another moment of signing": lambda b: proof(b).update(created="2026-03-02T12:00:01Z"),
    "no moment of signing": lambda b: proof(b).pop("created"),
    "a note in the proof": lambda b: proof(b).update(note="checked by the ministry"),
    "a nonce in the proof": lambda b: proof(b).update(nonce="1"),
    "a context in the proof": lambda b: proof(b).update({"@context": "https://www.w3.org/ns/credentials/v2"}),
    "an unknown key": lambda b: proof(b).update(verificationMethod=f"{b['issuer']['id']}#none"),
    "a key that is a number": lambda b: proof(b).update(verificationMethod=1),
    "the signature in other letters": lambda b: proof(b).update(proofValue="u" + proof(b)["proofValue"][1:]),
    "a zero before the signature": lambda b: proof(b).update(proofValue="z1" + proof(b)["proofValue"][1:]),
    "a signature that is too short": lambda b: proof(b).update(proofValue="z3yMApqCuCjXDWPrbjfR5mjCPTHqFG8Pux1"),
    "an enormous signature": lambda b: proof(b).update(proofValue="z" + "9" * 100_000),
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_trick_does_not_work(issuer, credential, trick):
    badge = json.loads(credential)
    trick(badge)
    assert state_of(issuer, json.dumps(badge)) in (State.FORGED, State.MALFORMED, State.UNKNOWN_ISSUER)


@pytest.mark.parametrize("name", ["name", "credentialStatus", "proof", "validFrom"])
def test_a_name_that_stands_twice_is_refused_whichever_comes_first(issuer, credential, name):
    badge = json.loads(credential)
    member, rest = json.dumps(badge[name]), credential.lstrip()[1:]
    assert state_of(issuer, "{" + f'"{name}": {member},' + rest) is State.MALFORMED


def test_white_space_and_the_order_of_names_mean_nothing(issuer, credential):
    badge = json.loads(credential)
    assert state_of(issuer, json.dumps(dict(reversed(badge.items())))) is State.VALID
    assert state_of(issuer, "\ufeff" + json.dumps(badge, indent=7)) is State.VALID


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document, its own included."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places(member, (*path, name))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def meaning(value: Any) -> Any:
    """A document as JSON-LD reads it: sets have no order, one entry is no list, a bare reference is its address.

    And an Open Badge has two names.
    """
    if value == "AchievementCredential":
        return "OpenBadgeCredential"
    if isinstance(value, list):
        return meaning(value[0]) if len(value) == 1 else sorted((meaning(v) for v in value), key=json.dumps)
    if isinstance(value, dict):
        return value["id"] if value.keys() == {"id"} else {name: meaning(v) for name, v in sorted(value.items())}
    return value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


@relaxed
@given(data=st.data())
def test_any_value_put_in_any_place_makes_it_not_valid(issuer, credential, data):
    badge = json.loads(credential)
    path = data.draw(st.sampled_from([p for p in places(badge) if p]))
    at(badge, path[:-1])[path[-1]] = data.draw(json_values)
    assume(meaning(badge) != meaning(json.loads(credential)))
    assert state_of(issuer, json.dumps(badge)) is not State.VALID


@relaxed
@given(data=st.data())
def test_anything_taken_away_makes_it_not_valid(issuer, credential, data):
    badge = json.loads(credential)
    path = data.draw(st.sampled_from([p for p in places(badge) if p]))
    del at(badge, path[:-1])[path[-1]]
    assert state_of(issuer, json.dumps(badge)) is not State.VALID


@relaxed
@given(data=st.data(), name=st.text(max_size=12) | st.sampled_from(["name", "id", "type", "validUntil", "evidence"]))
def test_any_property_added_anywhere_makes_it_not_valid(issuer, credential, data, name):
    badge = json.loads(credential)
    path = data.draw(st.sampled_from([p for p in places(badge) if isinstance(at(badge, p), dict)]))
    assume(name not in at(badge, path))
    at(badge, path)[name] = data.draw(json_values)
    assert state_of(issuer, json.dumps(badge)) is not State.VALID


@relaxed
@given(data=st.data())
def test_any_two_parts_exchanged_make_it_not_valid(issuer, credential, data):
    badge = json.loads(credential)
    all_places = [p for p in places(badge) if p]
    one, other = data.draw(st.sampled_from(all_places)), data.draw(st.sampled_from(all_places))
    assume(one[: len(other)] != other and other[: len(one)] != one)
    left, right = copy.deepcopy(at(badge, one)), copy.deepcopy(at(badge, other))
    at(badge, one[:-1])[one[-1]], at(badge, other[:-1])[other[-1]] = right, left
    assume(meaning(badge) != meaning(json.loads(credential)))
    assert state_of(issuer, json.dumps(badge)) is not State.VALID


@relaxed
@given(data=st.data(), byte=st.integers(0, 255))
def test_any_byte_changed_makes_it_not_valid_unless_it_is_the_same_json(issuer, credential, data, byte):
    text = bytearray(credential.encode())
    text[data.draw(st.integers(0, len(text) - 1))] = byte
    with contextlib.suppress(ValueError):
        assume(json.loads(text) != json.loads(credential))
    assert state_of(issuer, bytes(text)) is not State.VALID


@relaxed
@given(text=st.binary(max_size=200) | json_values.map(json.dumps))
def test_whatever_is_handed_in_there_is_an_answer(issuer, text):
    assert state_of(issuer, text) is not State.VALID


def poison(count: int) -> list[dict[str, Any]]:
    return [{"type": ["Evidence"], "name": "same"} for _ in range(count)]


@pytest.mark.parametrize(
    "trick",
    [
        lambda b: b.update(evidence=poison(150)),
        lambda b: b.update(evidence=[{"type": ["Evidence"], "id": f"_:e{n}"} for n in range(40)]),
        lambda b: achievement(b).update(tag=[f"tag {n}" for n in range(20_000)]),
        lambda b: achievement(b).update(alignment=[{"type": ["Alignment"]}] * 199),
        lambda b: b.update(evidence=[poison(1)[0] | {"genre": str(n)} for n in range(2_000)]),
        lambda b: b.update(name="x" * 200_000),
        lambda b: b.update(json.loads('{"termsOfUse":' * 500 + "1" + "}" * 500)),
        lambda b: b["credentialSubject"].update(identifier=nested(3, 9)),
        lambda b: b.update(evidence=poison(9), termsOfUse=nested(2, 6)),
    ],
    ids=["twins", "named blanks", "tags", "same skills", "much", "long name", "deep", "tree of twins", "few twins"],
)
def test_a_document_made_to_take_for_ever_is_refused_before_long(issuer, credential, trick):
    badge = json.loads(credential)
    trick(badge)
    assert state_of(issuer, json.dumps(badge)) in (State.MALFORMED, State.FORGED)


def nested(width: int, depth: int) -> list[dict[str, Any]]:
    """A tree of parts that cannot be told apart, as large as is read at all."""
    if depth == 0 or width**depth > 1_900:
        return [{"type": "IdentityObject"}] if depth == 0 else nested(width, depth - 1)
    return [{"type": ["AchievementSubject"], "identifier": nested(width, depth - 1)} for _ in range(width)]


def test_the_portal_address_stands_in_what_is_signed(credential):
    assert PORTAL in credential
