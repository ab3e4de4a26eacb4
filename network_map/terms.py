"""The vocabulary of the field as enumerations; their words for people are in the catalogs."""

from enum import StrEnum


class AdminLevel(StrEnum):
    """An administrative level, keyed by a six-digit adcode (GB/T 2260)."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


class NodeKind(StrEnum):
    """The four kinds of node that the published totals count.

    The node table takes further kinds: the table ``node_kinds`` declares every kind with its
    tier, its symbol and whether it is counted. Code that needs only the counted four uses this.
    """

    PROVINCIAL_MARKET = "provincial_market"
    SUB_MARKET = "sub_market"
    DEMONSTRATION_COUNTY = "demonstration_county"
    COUNTY_CENTRE = "county_centre"


class Presence(StrEnum):
    """Whether a place has a node of a kind: three values, unknown is never absent."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Where a row comes from; it travels with the row."""

    OFFICIAL = "official"
    REPORTED = "reported"
    ASSUMED = "assumed"
    SYNTHETIC = "synthetic"


class NodeStatus(StrEnum):
    """The state of a node."""

    PLANNED = "planned"
    BUILT = "built"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class LocationOrigin(StrEnum):
    """Where the coordinates of a node come from."""

    GIVEN = "given"
    GEOCODED = "geocoded"
    COUNTY_SEAT = "county_seat"
    PREFECTURE_SEAT = "prefecture_seat"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


class Grade(StrEnum):
    """How well a published figure is supported."""

    A = "A"
    """Official, or two independent sources."""
    B = "B"
    """One source."""
    C = "C"
    """Worked out from other figures."""


class Classifier(StrEnum):
    """A way of cutting values into classes."""

    QUANTILE = "quantile"
    NATURAL_BREAKS = "natural_breaks"
    EQUAL_INTERVAL = "equal_interval"
    OWN_BREAKS = "own_breaks"


class DatasetName(StrEnum):
    """A data set that the application ships; a workspace is a third kind, named by its path."""

    PUBLIC = "public"
    DEMO = "demo"
