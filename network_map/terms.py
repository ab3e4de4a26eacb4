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


class NodePresence(StrEnum):
    """Whether a place has a node of a kind; one being built is neither there nor absent."""

    PRESENT = "present"
    PLANNED = "planned"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    """The list of names is not public, or not known to be complete."""


class ConsortiumRole(StrEnum):
    """What an organisation is in an innovation consortium."""

    LEAD = "lead"
    MEMBER = "member"


class FitVerdict(StrEnum):
    """Whether a county with a consortium's industry has a member within the service standard."""

    GAP = "gap"
    UNCERTAIN = "uncertain"
    """The bounds of the distance stand on both sides of the standard."""
    COVERED = "covered"
    UNKNOWN = "unknown"
    """Whether the county has the industry, or who the members are, is not known."""
    NOT_CONCERNED = "not_concerned"
    """The county is known not to have the industry."""


class ContractDirection(StrEnum):
    """Where a contract of a consortium's members goes, seen from the consortium."""

    INSIDE = "inside"
    """Both parties are members."""
    OUT = "out"
    """A member sells to somebody else."""
    IN = "in"
    """A member buys from somebody else."""


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


OWN = "own"
"""The name of a data set that a planner imported."""


class CostUnit(StrEnum):
    """What the numbers of a cost matrix, and the standards that judge them, are measured in."""

    KM = "km"
    MINUTES = "min"


class DistanceMethod(StrEnum):
    """How a distance was found; it travels with every distance.

    Cost matrices keep the place of a method in this list: new ones go to the end.
    """

    GEODESIC_X_CIRCUITY = "geodesic_x_circuity"
    ROAD_NETWORK_KM = "road_network_km"
    OSM_NETWORK_TIME = "osm_network_time"
    ROUTER_MATRIX = "router_matrix"

    @property
    def unit(self) -> CostUnit:
        """What it measures in: the two whose data a planner brings, in minutes."""
        is_own = self in {DistanceMethod.OSM_NETWORK_TIME, DistanceMethod.ROUTER_MATRIX}
        return CostUnit.MINUTES if is_own else CostUnit.KM


class ServiceRule(StrEnum):
    """Which facility serves a demand point."""

    OWN_PREFECTURE = "own_prefecture"
    """The nearest of its own prefecture; the nearest of all where its prefecture has none."""
    NEAREST = "nearest"
    OWN_COUNTY = "own_county"
    """One in its own county, whatever the distance."""


class Verdict(StrEnum):
    """What a service standard says of a demand point: three values, from good to bad."""

    COVERED = "covered"
    UNCERTAIN = "uncertain"
    GAP = "gap"


class ContractKind(StrEnum):
    """The five kinds of technology contract; older registers have no licences of their own."""

    DEVELOPMENT = "development"
    TRANSFER = "transfer"
    LICENCE = "licence"
    CONSULTING = "consulting"
    SERVICE = "service"


class KindScheme(StrEnum):
    """How many kinds the register of a row knew."""

    FOUR = "four"
    FIVE = "five"


class TechnologyField(StrEnum):
    """The eleven technology fields of contract registration."""

    INFORMATION = "information"
    AEROSPACE = "aerospace"
    MANUFACTURING = "manufacturing"
    BIOMEDICINE = "biomedicine"
    MATERIALS = "materials"
    ENERGY = "energy"
    ENVIRONMENT = "environment"
    NUCLEAR = "nuclear"
    AGRICULTURE = "agriculture"
    TRANSPORT = "transport"
    URBAN = "urban"


class IpKind(StrEnum):
    """What intellectual property a contract concerns; those under patents count for the target."""

    INVENTION_PATENT = "invention_patent"
    UTILITY_PATENT = "utility_patent"
    DESIGN_PATENT = "design_patent"
    PATENT = "patent"
    """A patent of a kind that the register does not tell."""
    TECHNICAL_SECRET = "technical_secret"  # noqa: S105 (a kind of property, no password)
    SOFTWARE_COPYRIGHT = "software_copyright"
    CIRCUIT_LAYOUT = "circuit_layout"
    NEW_DRUG = "new_drug"
    PLANT_VARIETY = "plant_variety"
    NONE = "none"

    @property
    def is_patent(self) -> bool:
        """Whether it stands under patents."""
        return self.value.endswith("patent")


class PartyKind(StrEnum):
    """Who a seller or a buyer is, by the code groups of the register."""

    GOVERNMENT = "government"
    RESEARCH_INSTITUTE = "research_institute"
    UNIVERSITY = "university"
    HEALTH_INSTITUTION = "health_institution"
    OTHER_INSTITUTION = "other_institution"
    ASSOCIATION = "association"
    DOMESTIC_FIRM = "domestic_firm"
    HK_MACAO_TAIWAN_FIRM = "hk_macao_taiwan_firm"
    FOREIGN_FIRM = "foreign_firm"
    PERSON = "person"
    OTHER = "other"


class PlanSource(StrEnum):
    """The plan that a contract comes from."""

    NATIONAL = "national"
    MINISTRY = "ministry"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    OTHER_PLAN = "other_plan"
    OUTSIDE_PLAN = "outside_plan"


class ContractStatus(StrEnum):
    """What a row of the register says of its contract."""

    REGISTERED = "registered"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class GapType(StrEnum):
    """A type of gap, in the order in which the map shows one."""

    ACTIVE_OUT_OF_REACH = "active_out_of_reach"
    """Out of reach, and absorbing as much as its peers or more: first places for a new node."""
    OUT_OF_REACH = "out_of_reach"
    """The serving sub-market or the nearest demonstration county lies beyond the standard."""
    NO_CENTRE = "no_centre"
    """No built centre; one being built is told apart by :attr:`CENTRE_PLANNED`."""
    CENTRE_PLANNED = "centre_planned"
    """A centre is being built, and none is there yet."""
    IDLE_NODE = "idle_node"
    """A built centre, and contracts under half of the peers' or none in the period."""
    NO_CONSORTIUM = "no_consortium"
    """The industry is there, and no member of its consortium within the standard."""


class MapGap(StrEnum):
    """What the map shows of a county: its first certain type, or why there is none."""

    ACTIVE_OUT_OF_REACH = GapType.ACTIVE_OUT_OF_REACH.value
    OUT_OF_REACH = GapType.OUT_OF_REACH.value
    NO_CENTRE = GapType.NO_CENTRE.value
    CENTRE_PLANNED = GapType.CENTRE_PLANNED.value
    IDLE_NODE = GapType.IDLE_NODE.value
    NO_CONSORTIUM = GapType.NO_CONSORTIUM.value
    UNKNOWN = "unknown"
    """No type is certain, and something that is not known could make one."""
    NONE = "none"
    """No type holds, and everything needed is known."""


class Certainty(StrEnum):
    """In how many of the possible lists a type of gap holds."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    CERTAIN_NOT = "certain_not"
    UNKNOWN = "unknown"
    """Something that no list counts is not known: no register, no list of industries."""
