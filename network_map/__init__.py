"""Maps, gaps and siting for Yunnan's technology-transfer network.

Files become declared tables, tables become answers, answers become maps and lists. The rooms of
the package stand on floors, and imports point downstairs only:

* ``ui``, ``cli``: what a person touches;
* ``answers``, ``workspace``: one query in, one finished bundle out; opening and importing data;
* ``sources``, ``store``, ``views``, ``export``: readers, snapshots, maps, files;
* ``analysis``: tables in, tables out;
* ``schema``: every column and table, declared once;
* ``terms``, ``crs``, ``config``, ``i18n``, ``errors``: the vocabulary.
"""

from network_map.version import __version__

__all__ = ["__version__"]
