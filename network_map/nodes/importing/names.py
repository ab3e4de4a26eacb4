"""Whether the name of a node speaks of another place than its row does.

盘龙区县域中心 in a row of 镇雄县 is one of the two; which one, only a person knows. A short name
counts before the word for the node's kind alone: 大理大学 may be anywhere.
"""

from collections.abc import Iterator

from network_map.listfiles.cells import bare_text
from network_map.nodes.importing.words import KindBook
from network_map.places.gazetteer import CERTAIN, Gazetteer
from network_map.terms import AdminLevel

_ENDINGS = ("县", "市", "区", "州")
_LEAST = 3
"""Letters of a full name that no word holds by chance."""
_LONGEST = 14


def other_place(name: str, adcode: str, kinds: KindBook, gazetteer: Gazetteer) -> str | None:
    """Return the place that a node's name speaks of, None where that is its own or none.

    Parameters
    ----------
    name
        The node's name.
    adcode
        The county or prefecture that the node's row gives.
    """
    plain = bare_text(name)
    own = {adcode, gazetteer.prefecture_of(adcode)}
    named = list(_full_names(plain, gazetteer))
    short = _before_kind(plain, gazetteer.places[adcode].level, kinds, gazetteer)
    if short is not None:
        named.append(short)
    others = [
        found for _, found in named
        if found not in own and gazetteer.prefecture_of(found) not in {adcode, None}
    ]  # fmt: skip
    if not others:
        return None
    rest = plain
    for text, _ in named:
        rest = rest.replace(text, " ")
    says_own = bare_text(gazetteer.places[adcode].short_zh) in rest
    return None if says_own or any(found == adcode for _, found in named) else others[0]


def _full_names(plain: str, gazetteer: Gazetteer) -> Iterator[tuple[str, str]]:
    """Yield the full names in a text, the longest at each place, with their divisions."""
    start = 0
    while start < len(plain):
        end = start + 1
        for stop in range(min(len(plain), start + _LONGEST), start + _LEAST - 1, -1):
            text = plain[start:stop]
            if text.endswith(_ENDINGS) and text in gazetteer.entries:
                found = gazetteer.resolve(text)
                if found.how in CERTAIN and found.adcode is not None:
                    yield text, found.adcode
                end = stop
                break
        start = end


def _before_kind(
    plain: str, level: AdminLevel, kinds: KindBook, gazetteer: Gazetteer
) -> tuple[str, str] | None:
    """Return the name that stands right before the word for a kind of the network.

    Before a short word as 中心 it must be all there is.
    """
    for word, kind in kinds.words.items():
        if kind not in kinds.counted or not plain.endswith(word):
            continue
        stem = plain.removesuffix(word)
        first = max(0, len(stem) - _LONGEST)
        for start in range(first, len(stem) - 1 if len(word) >= _LEAST else min(1, len(stem))):
            found = gazetteer.resolve(stem[start:], level=level)
            if stem[start:] in gazetteer.entries and found.how in CERTAIN and found.adcode:
                return stem[start:], found.adcode
    return None
