"""The contract register as it is kept and asked.

Read in this order: ``tables`` (Arrow tables), ``versions`` (Parquet, written once), ``engines``
(drivers and addresses), ``engine`` (questions), ``open`` (the register of a data set or at an
address: DuckDB here, PostgreSQL or Spark elsewhere).
"""
