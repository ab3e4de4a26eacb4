"""The queries of all pages, in the order of a link; loaded where a link asks for another page."""

from network_map.consortia.answer import ConsortiumQuery
from network_map.contracts.query import ContractQuery
from network_map.gaps.query import GapQuery
from network_map.indices.answer import IndexQuery
from network_map.siting.query import SitingQuery

QUERIES = (GapQuery, SitingQuery, ContractQuery, IndexQuery, ConsortiumQuery)
