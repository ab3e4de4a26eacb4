"""What every page asks: the language, the area that is shown and the county that is looked at."""

from dataclasses import dataclass

from network_map.i18n import LANGUAGES
from network_map.maps.spec import DEFAULT_CLASS_COUNT, MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.places.tables import PROVINCE_ADCODE
from network_map.query import Option, choice, integer, known_code, number_list, parameter
from network_map.terms import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaQuery:
    """An area and a county in it.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    prefecture_adcode
        List this prefecture only; None lists the province.
    selected_adcode
        The county that is looked at.
    """

    language: str = parameter("zh", choice(LANGUAGES), key="language")
    prefecture_adcode: str | None = parameter(
        None, known_code("prefectures", problem="link_prefecture"),
        link="prefecture", json="prefecture", key="prefecture",
        option=Option("prefecture", metavar="CODE|NAME"),
    )  # fmt: skip
    selected_adcode: str | None = parameter(
        None, known_code("counties", problem="link_county", unchosen=None),
        link="county", key="selected",
    )  # fmt: skip

    @property
    def area_adcode(self) -> str:
        """Code of the listed area."""
        return self.prefecture_adcode or PROVINCE_ADCODE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassedQuery(AreaQuery):
    """An area whose values are cut into classes.

    Parameters
    ----------
    classifier, class_count, own_breaks
        How they are; own breaks in the unit of the legend.
    """

    classifier: Classifier = parameter(
        Classifier.NATURAL_BREAKS, choice(Classifier), link="classes", key="classifier"
    )
    class_count: int = parameter(
        DEFAULT_CLASS_COUNT, integer(MINIMUM_CLASSES, MAXIMUM_CLASSES), link="k", key="class_count"
    )
    own_breaks: tuple[float, ...] = parameter(
        (), number_list(problem="link_breaks"), link="breaks", key="own_breaks_text"
    )
