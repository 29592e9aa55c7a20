"""Stand-ins for a trainee's objects. They never let the trainee's side answer what a verdict hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

_HERE = frozenset({"__class__", "__slots__", "__init__", "__new__", "__del__", "__subclasshook__", "__init_subclass__",
                   "__eq__", "__ne__", "__hash__", "__repr__", "__str__", "__format__", "__getattribute__",
                   "__setattr__", "__delattr__", "__reduce__", "__reduce_ex__", "__dir__", "__sizeof__",
                   "__copy__", "__deepcopy__", "__instancecheck__", "__subclasscheck__",
                   "__mro_entries__"})  # fmt: skip
ASKED = frozenset({"__name__", "__qualname__", "__doc__", "__annotations__", "__defaults__", "__kwdefaults__",
                   "__dict__", "__module__", "__code__", "__closure__",
                   "__dataclass_fields__", "__wrapped__", "__members__", "__signature__",
                   "__sklearn_tags__", "__sklearn_clone__"})  # fmt: skip

AS_GIVEN = "stand-ins stay what they are"


class Answers(Protocol):
    """What stand-ins ask for; the judge's link."""

    def operate(self, remote: Remote, operator: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """An operator, asked or decided here."""

    def attribute(self, remote: Remote, name: str) -> Any:
        """An attribute."""

    def assign(self, remote: Remote, name: str, value: Any, delete: bool = False) -> None:
        """Set or delete an attribute."""

    def claimed_class(self, remote: Remote) -> Any:
        """The class that isinstance shall see."""

    def copied(self, remote: Remote, deep: bool) -> Any:
        """A copy, made there."""

    def text(self, remote: Remote, operator: str, args: tuple[Any, ...]) -> str:
        """Its text."""

    def is_instance(self, remote: Remote, value: Any) -> bool:
        """Whether a value was said to be of a class."""


class Remote:
    """A stand-in. ``_meta`` is what the trainee's side says of the object; ``_paths`` how the test came by it."""

    __slots__ = ("_content", "_link", "_meta", "_paths", "_rid")

    def __init__(self, link: Answers, rid: int, meta: dict[str, Any]) -> None:
        for name, value in (("_link", link), ("_rid", rid), ("_meta", meta), ("_paths", set()), ("_content", None)):
            object.__setattr__(self, name, value)

    def __getattribute__(self, name: str) -> Any:
        if name in Remote.__slots__ or name == "_forward" or name in _HERE:
            return object.__getattribute__(self, name)
        if name.startswith("__") and name.endswith("__") and name not in ASKED:
            if hasattr(type(self), name):
                return object.__getattribute__(self, name)
            raise AttributeError(name)
        return self._link.attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._link.assign(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._link.assign(self, name, None, delete=True)

    def _forward(self, operator: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        return self._link.operate(self, operator, args, kwargs)

    @property
    def __class__(self) -> Any:
        return self._link.claimed_class(self) or type(self)

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise AttributeError("__class__")

    def __copy__(self) -> Any:
        return self._link.copied(self, False)

    def __deepcopy__(self, memo: Any) -> Any:
        return self if AS_GIVEN in memo else self._link.copied(self, True)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("an object of the trainee's process cannot be pickled here")

    def __repr__(self) -> str:
        return str(self._link.text(self, "__repr__", ()))

    def __str__(self) -> str:
        return str(self._link.text(self, "__str__", ()))

    def __format__(self, spec: str) -> str:
        return str(self._link.text(self, "__format__", (spec,)))

    def __dir__(self) -> list[str]:
        return []


class RemoteClass(Remote):
    """A stand-in for a trainee's class; isinstance with it asks which classes the object was said to have."""

    __slots__ = ()

    def __instancecheck__(self, value: Any) -> bool:
        return bool(self._link.is_instance(self, value))

    @property
    def __bases__(self) -> Any:
        known = self._link.claimed_class(self)
        return (object,) if known in (None, type) else (known,)

    def __subclasscheck__(self, kind: Any) -> bool:
        return isinstance_of_class(kind, self)

    def __mro_entries__(self, bases: Any) -> Any:
        raise TypeError("a test cannot derive from a trainee's class; judge.remote derives one beside it")


Remote.__module__ = RemoteClass.__module__ = "trainee"
Remote.__name__, RemoteClass.__name__ = "TraineeObject", "TraineeClass"


def is_remote(value: Any) -> bool:
    """Whether a value is a stand-in, whatever class it claims."""
    return issubclass(type(value), Remote)


def isinstance_of_class(kind: Any, wanted: Remote) -> bool:
    """Whether a stand-in for a class was said to be a subclass of another."""
    return is_remote(kind) and wanted._rid in kind._meta["m"]


class Content:
    """The items of a trainee's object, taken once and kept, so that length, items and order cannot disagree."""

    def __init__(self, items: list[Any], once: bool = False) -> None:
        self.items, self._once = items, once
        self._left: Iterator[Any] = iter(items)

    def operate(self, operator: str, args: tuple[Any, ...]) -> Any:
        """Answer a structural operator from the items."""
        match operator:
            case "__len__":
                return len(self.items)
            case "__iter__":
                return self._left if self._once else iter(self.items)
            case "__next__":
                return next(self._left)
            case "__getitem__":
                return self.items[args[0]]
            case "__contains__":
                return any(item is args[0] or item == args[0] for item in self.items)
            case "__reversed__":
                return reversed(self.items)
            case "__bool__":
                return bool(self.items)
        return NotImplemented
