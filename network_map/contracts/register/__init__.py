"""The contract register as it is kept and asked.

Read in this order: ``tables`` (Arrow tables), ``versions`` (Parquet, written once), ``rollups``,
``engines`` and ``backends`` (DuckDB here, PostgreSQL or Spark elsewhere), ``engine`` (questions),
``open`` (the register of a data set).
"""
