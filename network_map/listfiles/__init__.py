"""Any list that a person has, read once: files become text, text becomes judged rows.

Read in this order: ``grid`` (cells, limits, headers found), ``text_files`` and ``workbooks`` (with
the processes that read them), ``headers`` (wordings to columns), ``preview`` (what a person says
and what becomes of the rows), ``left_out_rows``, ``table`` (a file opened), ``cells``, ``spool``.
No subject is known here.
"""
