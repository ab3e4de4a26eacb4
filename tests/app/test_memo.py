"""What is shared between sessions, and what a session keeps of a person's own data."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import pytest
import streamlit as st

from network_map.app.kit.memo import LruCache, memo
from network_map.errors import NetworkMapError, QueryError
from network_map.terms import OWN

PEOPLE = 8


def test_what_many_ask_for_at_once_is_made_once() -> None:
    cache: LruCache[int] = LruCache(4)
    made: list[int] = []
    start = Barrier(PEOPLE)

    def make() -> int:
        made.append(get_ident())
        return len(made)

    def ask(_: int) -> int:
        start.wait()
        return cache.get("key", make)

    with ThreadPoolExecutor(PEOPLE) as people:
        assert set(people.map(ask, range(PEOPLE))) == {1}
    assert len(made) == 1


def test_the_least_recently_used_is_dropped_and_what_fails_is_asked_again() -> None:
    cache: LruCache[str] = LruCache(2)
    made: list[str] = []

    def making(key: str) -> Callable[[], str]:
        def make() -> str:
            made.append(key)
            return key

        return make

    for key in "abac":
        assert cache.get(key, making(key)) == key
    assert made == ["a", "b", "c"]
    cache.get("a", making("a"))
    assert made == ["a", "b", "c"]
    cache.get("b", making("b"))
    assert made == ["a", "b", "c", "b"]

    def fail() -> str:
        raise QueryError("dataset_unknown", value="d")

    with pytest.raises(NetworkMapError):
        cache.get("d", fail)
    assert cache.get("d", making("d")) == "d"


def test_an_own_answer_stays_in_its_session_and_goes_with_its_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sessions: dict[str, dict[str, object]] = {"first": {}, "second": {}}
    made: list[tuple[str, str]] = []

    def version(data: tuple[str, str]) -> tuple[str, str]:
        return data

    @memo(version, size=8, part=str.lower)
    def answer(data: tuple[str, str], asked: str) -> str:
        made.append((data[1], asked))
        return f"{data[1]} {asked}"

    def ask(session: str, data: tuple[str, str], asked: str) -> str:
        monkeypatch.setattr(st, "session_state", sessions[session])
        return answer(data, asked)

    assert ask("first", ("demo", "demo"), "A") == ask("second", ("demo", "demo"), "a") == "demo a"
    assert made == [("demo", "a")]
    assert sessions == {"first": {}, "second": {}}
    for session in ("first", "second", "first"):
        assert ask(session, (OWN, "v1"), "a") == "v1 a"
    assert made[1:] == [("v1", "a")] * 2
    for snapshot in ("v2", "v1"):
        ask("first", (OWN, snapshot), "a")
    assert made[3:] == [("v2", "a"), ("v1", "a")]
