"""Any list that a person has, read once: files become text, text becomes judged rows.

Read in this order: ``grid`` (cells, limits, headers found), ``text_files`` and ``workbooks`` (with
the processes that read them), ``open``, ``headers`` (wordings to columns), ``table``, ``cells``,
``spool`` (rows kept apart), ``preview`` and ``outcome``. No subject is known here.
"""
