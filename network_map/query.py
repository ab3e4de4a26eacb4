"""What can be asked is declared once, on the fields of a query.

From the declaration come the parameters of a link and of the recipe in an export, the options of
the command line and what a session keeps for the widgets::

    @dataclass(frozen=True, slots=True, kw_only=True)
    class GapQuery(AreaQuery):
        years: int = parameter(
            3, integer(1, 10, "gap_years"),
            link="years", json="years", key="gap_years", option=Option("years", metavar="N"),
        )

A value is read in a *context*: the codes that the data set has, by name, and the fields before it.
Plain dataclasses: with pydantic the types below would be as long, for texts and sentences are the
project's own, and every cold command would wait 0.8 s for its import.
"""

import re
from argparse import Namespace
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar, cast

from network_map.errors import Problem, QueryError, Severity

Context: TypeAlias = Mapping[str, Any]
"""Codes that the data set has, by name, and the values of earlier fields."""
NO_CONTEXT: Context = MappingProxyType({})
_NONE = "-"
_BETWEEN = re.compile(r"[,\uff0c\u3001;\uff1b\s]+")
_MOST_DIGITS = 11
_SHOWN_LENGTH = 40
_Value = TypeVar("_Value")
_Code = TypeVar("_Code", bound=str)
_Number = TypeVar("_Number", int, float)
_Query = TypeVar("_Query")


class UnusableError(ValueError):
    """A value of which only a part can be used.

    Parameters
    ----------
    rest
        The value without what cannot be used.
    parts
        What cannot: texts of a link, or errors about widgets.
    """

    def __init__(self, rest: object, parts: Sequence[Any]) -> None:
        super().__init__(parts)
        self.rest, self.parts = rest, parts


def _as_it_is(value: Any, _context: Context) -> Any:  # noqa: ANN401 (the value of any field)
    return value


def _in_one_widget(key: str, value: object, _context: Context) -> dict[str, Any]:
    return {key: value}


def _of_one_widget(key: str, state: Mapping[str, Any], _context: Context) -> Any:  # noqa: ANN401
    return state[key]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParameterType(Generic[_Value]):
    """How the values of a field are written and read.

    Parameters
    ----------
    of_text, to_text
        From and to a link. What cannot be used raises ``ValueError``; a :class:`QueryError` is one.
    allowed, problem
        What a link may say, and the code of the sentence about another; it names ``allowed``.
    of_json, to_json
        From and to a recipe; what cannot be used raises ``ValueError`` or ``TypeError``.
    expected
        What a recipe should have.
    argument, of_argument
        What argparse is told of the option, and the value of what it found.
    to_state, of_state
        To and from the widgets of the field by their keys, which begin with the field's key.
    possible
        What of a widget's value the open data set has; the same object if all.
    usual
        The value where nothing is said, from the default.
    is_optional
        Whether a recipe leaves the default out: a field that came later than the first exports.
    """

    of_text: Callable[[str, Context], _Value]
    to_text: Callable[[_Value], str] = str
    allowed: Callable[[Context], str]
    problem: str = "link_choice"
    of_json: Callable[[Any, Context], _Value] = _as_it_is
    to_json: Callable[[_Value], Any] = lambda value: value
    expected: str = ""
    argument: Mapping[str, Any] = field(default_factory=dict)
    of_argument: Callable[[Any, Context], _Value] = _as_it_is
    to_state: Callable[[str, _Value, Context], dict[str, Any]] = _in_one_widget
    of_state: Callable[[str, Mapping[str, Any], Context], _Value] = _of_one_widget
    possible: Callable[[Any, Context], Any] = _as_it_is
    usual: Callable[[_Value, Context], _Value] = _as_it_is
    is_optional: bool = False


def choice(codes: Iterable[_Code]) -> ParameterType[_Code]:
    """Return the type of one of some codes."""
    by_text = {str(code): code for code in codes}

    def of_text(found: object, _context: Context) -> _Code:
        if not isinstance(found, str) or found not in by_text:
            raise ValueError(found)
        return by_text[found]

    return ParameterType(
        of_text=of_text,
        allowed=lambda _: "、".join(by_text),
        of_json=of_text,
        to_json=str,
        expected=" | ".join(by_text),
        argument={"choices": tuple(by_text)},
        of_argument=of_text,
        to_state=lambda key, code, _: {key: str(code)},
        of_state=lambda key, state, context: of_text(state[key], context),
    )


def subset(
    codes: Iterable[_Code] = (), *, known: str = "", further: Iterable[_Code] = ()
) -> ParameterType[tuple[_Code, ...]]:
    """Return the type of some of the codes, in their own order.

    Parameters
    ----------
    codes
        Those that may be chosen; or
    known, further
        their name in the context, and those behind them.
    """
    fixed = tuple(codes)

    def among(context: Context) -> Sequence[_Code]:
        return (*context[known], *further) if known else fixed

    def of_text(text: str, context: Context) -> tuple[_Code, ...]:
        asked = [part for part in text.split(",") if part not in {"", _NONE}]
        found = tuple(code for code in among(context) if code in asked)
        if unknown := [part for part in asked if part not in found]:
            raise UnusableError(found, unknown)
        return found

    def of_json(found: object, context: Context) -> tuple[_Code, ...]:
        if not isinstance(found, list) or not set(found) <= set(among(context)):
            raise TypeError(found)
        return tuple(code for code in among(context) if code in found)

    def possible(held: Sequence[str], context: Context) -> Sequence[str]:
        kept = [code for code in held if code in among(context)]
        return held if len(kept) == len(held) else kept

    return ParameterType(
        of_text=of_text,
        to_text=lambda chosen: ",".join(chosen) or _NONE,
        allowed=lambda context: "、".join(among(context)),
        of_json=of_json,
        to_json=lambda chosen: [str(code) for code in chosen],
        expected='["…", …]',
        argument={"action": "append", "default": []},
        to_state=lambda key, chosen, _: {key: [str(code) for code in chosen]},
        of_state=lambda key, state, context: tuple(
            code for code in among(context) if code in state[key]
        ),
        possible=possible,
    )


def known_code(known: str, *, problem: str, unchosen: str | None = "") -> ParameterType[str | None]:
    """Return the type of a code that the data set has, or none.

    Parameters
    ----------
    known
        Name of the codes in the context.
    problem
        Code of the sentence about a link.
    unchosen
        What the widget holds for none.
    """

    def of_text(found: object, context: Context) -> str | None:
        if found is not None and (not isinstance(found, str) or found not in context[known]):
            raise ValueError(found)
        return found

    return ParameterType(
        of_text=of_text,
        to_text=lambda code: code or "",
        allowed=lambda context: "、".join(context[known]),
        problem=problem,
        of_json=of_text,
        expected='null | "530600"',
        to_state=lambda key, code, _: {key: unchosen if code is None else code},
        of_state=lambda key, state, _: state[key] or None,
    )


def flag(*, is_said: bool = True) -> ParameterType[bool]:
    """Return the type of yes or no.

    Parameters
    ----------
    is_said
        Which of them a link says; it leaves the other out.
    """

    def of_json(found: object, _context: Context) -> bool:
        if not isinstance(found, bool):
            raise TypeError(found)
        return found

    return ParameterType(
        of_text=lambda text, _: bool(whole_number(text, 0, 1)) is is_said,
        to_text=lambda value: "1" if value is is_said else "",
        allowed=lambda _: "0、1",
        of_json=of_json,
        expected="true | false",
        argument={"action": "store_true"},
    )


def integer(least: int, most: int, refusal: str = "") -> ParameterType[int]:
    """Return the type of a whole number.

    Parameters
    ----------
    least, most
        Its range, both included.
    refusal
        Code of the error about an option out of range; it names ``most`` and ``found``.
    """

    def of_json(found: object, _context: Context) -> int:
        if not isinstance(found, int) or isinstance(found, bool):
            raise TypeError(found)
        return _in_range(found, least, most)

    def of_argument(found: int, context: Context) -> int:
        try:
            return of_json(found, context)
        except ValueError as error:
            raise QueryError(refusal, most=most, found=found) from error

    return ParameterType(
        of_text=lambda text, _: whole_number(text, least, most),
        allowed=lambda _: f"{least}–{most}",
        of_json=of_json,
        expected=f"{least} – {most}",
        argument={"type": int},
        of_argument=of_argument,
        of_state=lambda key, state, _: int(state[key]),
    )


def real_number(least: float, most: float, *, problem: str) -> ParameterType[float]:
    """Return the type of a number.

    Parameters
    ----------
    least, most
        Its range, both included.
    problem
        Code of the sentence about a link.
    """

    def of_json(found: object, _context: Context) -> float:
        if not isinstance(found, int | float) or isinstance(found, bool):
            raise TypeError(found)
        return _in_range(float(found), least, most)

    return ParameterType(
        of_text=lambda text, context: of_json(float(text), context),
        to_text=lambda value: f"{value:g}",
        allowed=lambda _: f"{least:g}–{most:g}",
        problem=problem,
        of_json=of_json,
        expected=f"{least:g} – {most:g}",
        of_state=lambda key, state, _: float(state[key]),
    )


def number_list(*, problem: str) -> ParameterType[tuple[float, ...]]:
    """Return the type of numbers with commas or blanks between them.

    Parameters
    ----------
    problem
        Code of the sentence about a link.
    """

    def of_text(text: str, _context: Context) -> tuple[float, ...]:
        found = parse_numbers(text)
        if found is None:
            raise ValueError(text)
        return found

    return ParameterType(
        of_text=of_text,
        to_text=lambda numbers: ",".join(f"{value:g}" for value in numbers),
        allowed=lambda _: "10,20",
        problem=problem,
        to_state=lambda key, numbers, _: {key: ", ".join(f"{value:g}" for value in numbers)},
        # A text that a person is still writing asks for nothing.
        of_state=lambda key, state, _: parse_numbers(state[key]) or (),
    )


def parse_numbers(text: str) -> tuple[float, ...] | None:
    """Return the numbers of a list separated by commas or blanks, or None if one is no number."""
    try:
        return tuple(float(part) for part in _BETWEEN.split(text) if part)
    except ValueError:
        return None


def whole_number(text: str, least: int, most: int) -> int:
    """Return the whole number that a text is.

    Raises
    ------
    ValueError
        If it is none, or out of range.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ValueError(text)
    return _in_range(int(text), least, most)


def _in_range(found: _Number, least: _Number, most: _Number) -> _Number:
    if not least <= found <= most:
        raise ValueError(found)
    return found


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the command line.

    Parameters
    ----------
    name
        Without the dashes.
    help_key
        Key of its help below ``cli.help.``; the name by default.
    metavar
        What stands for its value in the help.
    opposite, off_key
        Of a flag that is on by default: the option that switches it off, and its help.
    """

    name: str
    help_key: str = ""
    metavar: str | None = None
    opposite: str = ""
    off_key: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A field as it was declared.

    Parameters
    ----------
    name, default
        Of the field.
    type
        How its values are written and read.
    link, json, key
        Its names in a link, in a recipe and in a session; empty where it is not said there.
    option
        Its option of the command line.
    """

    name: str
    default: Any
    type: ParameterType[Any]
    link: str
    json: str
    key: str
    option: Option | None


def parameter(
    default: _Value,
    kind: ParameterType[_Value],
    *,
    link: str = "",
    json: str = "",
    key: str = "",
    option: Option | None = None,
) -> _Value:
    """Return the declaration of a field; see :class:`Parameter`."""
    said = {"type": kind, "link": link, "json": json, "key": key, "option": option}
    return field(default=default, metadata=said)


def parameters_of(query: type[Any]) -> tuple[Parameter, ...]:
    """Return the declared fields of a query in their order."""
    return _parameters_of(cast("Hashable", query))


@cache
def _parameters_of(query: Any) -> tuple[Parameter, ...]:  # noqa: ANN401 (a class, once more)
    return tuple(
        Parameter(name=part.name, default=part.default, **part.metadata)
        for part in fields(query)
        if part.metadata
    )


def query_link(query: object, context: Context = NO_CONTEXT) -> dict[str, str]:
    """Return the parameters of a link that say the query again; what is usual is left out."""
    found = {}
    for part in parameters_of(type(query)):
        if part.link:
            text = part.type.to_text(getattr(query, part.name))
            if text and text != part.type.to_text(part.type.usual(part.default, context)):
                found[part.link] = text
    return found


def query_of_link(
    query: type[_Query], parameters: Mapping[str, str], context: Context = NO_CONTEXT
) -> tuple[_Query, tuple[Problem, ...]]:
    """Return the query of a link, and one problem for each part that could not be used.

    Parameters
    ----------
    query
        Its class.
    parameters
        Name and value of each parameter; unknown names are left to others. What a link of an
        earlier form says is read by the class's ``of_earlier_link``, where it has one.
    context
        The codes that the data set has.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    parameters = {**getattr(query, "of_earlier_link", dict)(parameters), **parameters}
    for part in parameters_of(query):
        around = {**context, **values}
        values[part.name] = part.type.usual(part.default, around)
        text = parameters.get(part.link, "") if part.link else ""
        try:
            values[part.name] = part.type.of_text(text, around) if text else values[part.name]
        except UnusableError as error:
            values[part.name] = error.rest
            problems += [_problem(part, found, around) for found in error.parts]
        except ValueError:
            problems.append(_problem(part, text, around))
    return query(**values), tuple(problems)


def _problem(part: Parameter, found: str, context: Context) -> Problem:
    shown = found if len(found) <= _SHOWN_LENGTH else found[:_SHOWN_LENGTH] + "…"
    values = {"allowed": part.type.allowed(context)}
    return Problem(part.type.problem, Severity.NOTE, column=part.link, value=shown, values=values)


def recipe_parameters(query: object) -> dict[str, Any]:
    """Return what an export of the query was made by, as plain JSON values."""
    return {
        part.json: part.type.to_json(getattr(query, part.name))
        for part in parameters_of(type(query))
        if part.json and not (part.type.is_optional and getattr(query, part.name) == part.default)
    }


class RecipeParameterError(ValueError):
    """A parameter of a recipe that is missing, unknown or cannot be used.

    Parameters
    ----------
    name, expected, found
        Its name, what it should be and what it is.
    """

    def __init__(self, name: str, expected: str, found: object) -> None:
        super().__init__(name)
        self.name, self.expected, self.found = name, expected, found


def query_of_recipe(
    query: type[_Query], parameters: Mapping[str, Any], context: Context, language: str
) -> _Query:
    """Return the query that a recipe describes; the recipe may come from a changed file.

    Raises
    ------
    RecipeParameterError
        If a parameter is missing, unknown or cannot be used.
    """
    values: dict[str, Any] = {}
    parts = [part for part in parameters_of(query) if part.json]
    for part in parts:
        # What is missing is no JSON value, and so none that can be used.
        found = parameters.get(part.json, ...)
        if found is ... and part.type.is_optional:
            values[part.name] = part.default
            continue
        try:
            values[part.name] = part.type.of_json(found, {**context, **values})
        except (ValueError, TypeError) as error:
            raise RecipeParameterError(
                part.json, part.type.expected, parameters.get(part.json)
            ) from error
    if unknown := [name for name in parameters if name not in {part.json for part in parts}]:
        raise RecipeParameterError(unknown[0], "—", parameters[unknown[0]])
    values["language"] = language
    return query(**values)


def query_of_arguments(query: type[_Query], arguments: Namespace) -> _Query:
    """Return the query that the options of the command line ask for.

    Raises
    ------
    QueryError
        If an option has a value that cannot be used.
    """
    values: dict[str, Any] = {}
    for part in parameters_of(query):
        if part.option is not None:
            name = part.option.opposite or part.option.name
            found = getattr(arguments, name.replace("-", "_"))
            found = not found if part.option.opposite else found
            values[part.name] = part.type.of_argument(found, values)
    return query(**values)


def query_state(query: object) -> dict[str, Any]:
    """Return what the widgets of a query hold, by their keys."""
    parts = parameters_of(type(query))
    values = {part.name: getattr(query, part.name) for part in parts}
    return {
        key: held
        for part in parts
        if part.key
        for key, held in part.type.to_state(part.key, values[part.name], values).items()
    }


def query_of_state(
    query: type[_Query], state: Mapping[str, Any], context: Context
) -> tuple[_Query, tuple[QueryError, ...]]:
    """Return the query that widgets ask for, and what of it cannot be used."""
    values: dict[str, Any] = {}
    problems: list[QueryError] = []
    for part in parameters_of(query):
        if part.key:
            try:
                values[part.name] = part.type.of_state(part.key, state, {**context, **values})
            except UnusableError as error:
                values[part.name] = error.rest
                problems += error.parts
            except QueryError as error:
                problems.append(error)
    return query(**values), tuple(problems)
